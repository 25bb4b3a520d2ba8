#!/bin/bash
# Work that people do in a container of Debian, where a filter that lacks a system call would show.
set -e
cd /tmp

bash -c '(sleep 0 & wait); cat <(echo substituted)'

python3 - <<'PROGRAM'
import asyncio, mmap, multiprocessing, os, select, shutil, signal, socket, sqlite3, subprocess, threading, time

threads = [threading.Thread(target=time.sleep, args=(.01,)) for _ in range(50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert subprocess.check_output(["uname", "-s"]) == b"Linux\n"

def tell(queue): queue.put(os.getpid())
queue = multiprocessing.Queue()
child = multiprocessing.Process(target=tell, args=(queue,))
child.start()
assert queue.get() == child.pid
child.join()

database = sqlite3.connect("/tmp/database")
database.execute("create table t(a)")
database.execute("insert into t values(1)")
database.commit()

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
client = socket.create_connection(server.getsockname())
server.accept()[0].send(b"x")
assert client.recv(1) == b"x"

async def start(): assert await (await asyncio.create_subprocess_exec("true")).wait() == 0
asyncio.run(start())

with open("/tmp/in", "w") as file: file.write("x" * 100000)
shutil.copy("/tmp/in", "/tmp/out")
os.ftruncate(os.memfd_create("memory"), 4096)
mmap.mmap(-1, 4096)[0] = 1
select.epoll()
os.getrandom(4)
os.pidfd_open(os.getpid())
os.sched_setaffinity(0, os.sched_getaffinity(0))
os.setpriority(os.PRIO_PROCESS, 0, 5)
signal.setitimer(signal.ITIMER_REAL, 100)
PROGRAM

printf '#include <stdio.h>\nint main(void) { puts("compiled"); }\n' >program.c
gcc program.c -o program
./program

git init -q repository
git -C repository -c user.name=a -c user.email=b commit -q --allow-empty -m message
git -C repository fsck

mkdir -p package/DEBIAN package/usr/share/made
printf 'Package: made\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: x\n' >package/DEBIAN/control
echo x >package/usr/share/made/file
dpkg-deb --build package /tmp/made.deb >/dev/null
apt-get install -y -q /tmp/made.deb >/dev/null
dpkg --verify made
[ -e /usr/share/made/file ]
dpkg --purge made >/dev/null

useradd -m joe
su joe -c '[ $(id -un) = joe ]'
tar cf - /etc 2>/dev/null | tar tf - >/dev/null
dd if=/dev/zero of=zeros bs=1M count=4 status=none
fallocate -l 1M allocated
flock lock true
timeout 50 true
setpriv --reuid 1 --clear-groups --inh-caps=-all true
perl -e 'fork // die; wait'

if unshare -U true 2>/dev/null || mount -t tmpfs none /mnt 2>/dev/null; then
  exit 9
fi
echo all of it works
