"""Running programs with a time-out, and finding, counting and ending the daemons of a mount."""

import os
import pickle
import select
import signal
import subprocess
import tempfile
import time

# The daemons of a mount keep their environment, whatever else they leave: this marks them.
MARK = "LAMINA_BENCHMARK_MOUNT"
_TICKS = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """A step went wrong; the message is one line for the report."""


def run(argv, timeout, *, env=None, cwd="/", stdin=None):
    """Runs a program in a process group of its own and returns what it printed.

    Raises Failure when it ends with another status than 0, or does not end in time (seconds): the
    whole group is killed then. Output goes to a file, so that a process left behind holds no pipe.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = start(argv, output, errors, env=env, cwd=cwd, stdin=stdin)
        try:
            if not _ended(process, timeout):
                raise Failure(f"{name_of(argv)} took longer than {timeout} s")
            status = process.wait()
        finally:
            end_group(process)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
        if status != 0:
            errors.seek(0)
            lines = (errors.read().decode("utf-8", "replace") or text).strip().splitlines()
            why = lines[-1] if lines else "nothing printed"
            raise Failure(f"{name_of(argv)} ended with status {status}: {why}"[:300])
        return text


def _ended(process, timeout):
    """Waits for the end without reaping. Popen.wait(timeout) looks only every 50 ms."""
    descriptor = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(timeout * 1000))
    finally:
        os.close(descriptor)


def start(argv, output, errors, *, env=None, cwd="/", stdin=None):
    """Starts a program in a session of its own, with nothing to read unless stdin says so."""
    try:
        return subprocess.Popen(
            argv, stdin=stdin or subprocess.DEVNULL, stdout=output, stderr=errors, cwd=cwd,
            env=env, start_new_session=True)
    except OSError as error:
        raise Failure(f"cannot start {argv[0]}: {error.strerror}") from None


def end_group(process):
    """Kills a process that start() started, and its group, if it is still there; never waits long:
    what hangs in the kernel ends with the mount it hangs on."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended meanwhile
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            pass  # it waits for a mount that is about to be taken away


def name_of(argv):
    return os.path.basename(argv[0])


def in_child(function, timeout):
    """Calls a function in a child process and returns its result: a look into a mount that hangs
    does not hang the benchmark. Raises Failure for an exception there, and after the time-out."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            try:
                answer = (True, function())
            except Exception as error:  # told to the parent, whatever it is
                answer = (False, f"{type(error).__name__}: {error}")
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(answer, pipe)
        finally:
            os._exit(0)
    os.close(writer)
    answer, deadline = b"", time.monotonic() + timeout
    try:
        while select.select([reader], [], [], max(0, deadline - time.monotonic()))[0]:
            part = os.read(reader, 1 << 20)
            if not part:
                break
            answer += part
        else:
            raise Failure(f"no answer within {timeout} s")
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)  # not reaped yet, so this is our child for sure
        if answer:
            os.waitpid(child, 0)
        else:
            os.waitpid(child, os.WNOHANG)  # it may hang until its mount goes
    if not answer:
        raise Failure("the check ended without an answer")
    good, value = pickle.loads(answer)
    if not good:
        raise Failure(value)
    return value


def marked(mark):
    """The ids of the processes started with this mark in their environment."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    if wanted in file.read().split(b"\0"):
                        found.append(int(name))
            except OSError:
                pass  # it ended meanwhile
    return found


def end_marked(mark, patience):
    """Waits so long (seconds) for the marked processes to end by themselves, then kills them.
    Returns whether they did."""
    deadline = time.monotonic() + patience
    while marked(mark):
        if time.monotonic() > deadline:
            for process in marked(mark):
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass  # it ended meanwhile
            return False
        time.sleep(0.01)
    return True


def cpu_seconds(processes):
    """User and system time of these processes, all their threads, in seconds (a tick is 10 ms)."""
    total = 0
    for process in processes:
        try:
            with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
                # The name, in brackets, may hold anything.
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            raise Failure("the daemon has ended") from None
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def resident_mib(processes):
    """Resident memory of these processes together, in MiB."""
    total = 0
    for process in processes:
        try:
            with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as file:
                for line in file:
                    if line.startswith("VmRSS:"):
                        total += int(line.split()[1])
        except OSError:
            raise Failure("the daemon has ended") from None
    return total / 1024
