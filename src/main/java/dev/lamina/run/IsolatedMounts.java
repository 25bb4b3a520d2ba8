package dev.lamina.run;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.Namespaces;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The mounts of a container without an OCI runtime. They are made in a mount namespace of the
 * calling thread, so no other process sees them, and they go away with the last process in it.
 *
 * <p>Each file system is mounted in the directory of the run, where nobody else can change a path,
 * and is then moved to its place by descriptor. A symbolic link in the image leads only into the
 * image ({@link RootDirectory}), even while another container renames objects in it.
 */
final class IsolatedMounts implements AutoCloseable {
  private static final int ANYBODY_DEVICE = 0666;
  private static final int O_PATH_NOFOLLOW = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
  private static final long PROTECTED = Mounts.MS_NOSUID | Mounts.MS_NODEV | Mounts.MS_NOEXEC;

  private final RunDirectory runDirectory;
  private final int home;
  private final int oldRoot;
  private final RootDirectory root;
  private int procPlace = -1;

  /**
   * Gives the calling thread new namespaces and mounts the root file system in them.
   *
   * @param container whose run directory has the mount points {@code root}, {@code mount} and
   *     {@code proc}, and the file {@code file}
   */
  IsolatedMounts(Container container) throws RunException {
    runDirectory = container.runDirectory();
    home = open("/proc/thread-self/ns/mnt", OpenFlags.O_RDONLY);
    boolean ownNetwork = container.request().network() == Network.NONE;
    must(
        "making namespaces",
        Namespaces.unshare(
            Namespaces.CLONE_NEWNS
                | Namespaces.CLONE_NEWIPC
                | Namespaces.CLONE_NEWUTS
                | (ownNetwork ? Namespaces.CLONE_NEWNET : 0)));
    oldRoot = open("/", OpenFlags.O_PATH);
    leavePropagation();
    must("setting the host name", Namespaces.sethostname(Bytes.of(container.process().hostname())));
    if (ownNetwork) {
      must("starting the loopback device", Namespaces.startLoopback());
    }
    String place = inRunDirectory("root");
    // The descriptor that is open already belongs to a mount of the other namespace.
    String path = RootDirectory.realPath(container.root().fd());
    mount(path, place, "", Mounts.MS_BIND | Mounts.MS_REC, "");
    mount("", place, "", Mounts.MS_REC | Mounts.MS_PRIVATE, "");
    root = RootDirectory.open(place);
    // No control group restricts the container's use of the host's devices.
    must(
        "forbidding devices in the root file system (this needs Linux 5.12)",
        Mounts.restrict(root.fd(), Mounts.MOUNT_ATTR_NODEV, true));
  }

  /** Keeps mounts that are made from here on from propagating to other namespaces. */
  private static void leavePropagation() throws RunException {
    byte[] none = Bytes.of("");
    int result = Mounts.mount(none, Bytes.of("/"), none, Mounts.MS_REC | Mounts.MS_SLAVE, none);
    if (result == -Errno.EINVAL) {
      // mount(2): the target is not a mount point.
      throw new RunException(
          "the root directory is not a mount point, as after chroot(1), so a container cannot be"
              + " set up in it: bind it to itself (mount --rbind) before chroot");
    }
    must("mounting /", result);
  }

  /** Makes all mounts but /proc, which needs a process in the new PID namespace. */
  void mountAll(Container container, Map<String, Path> files) throws RunException {
    ContainerProcess process = container.process();
    procPlace = root.makeOwnDirectory("proc");
    mountSys();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      bind(Bytes.ofPath(file.getValue()), file.getKey(), false, false);
    }
    for (Volume volume : process.volumes()) {
      if ((RootDirectory.clean(volume.target()) + "/").startsWith("/proc/")) {
        throw new RunException(
            "cannot mount a volume at "
                + Bytes.shown(volume.target())
                + ": a volume in /proc needs an OCI runtime (runc or crun)");
      }
      int fd = volume.open();
      try {
        bind(fdPath(fd), volume.target(), volume.isDirectory(fd), volume.readOnly());
      } finally {
        Linux.close(fd);
      }
    }
    if (!process.directory().equals("/proc") && !process.directory().startsWith("/proc/")) {
      Linux.close(root.makeDirectory(process.directory()));
    }
    if (container.request().isReadOnly()) {
      must(
          "making the root file system read-only",
          Mounts.restrict(root.fd(), Mounts.MOUNT_ATTR_RDONLY, false));
    }
  }

  /**
   * Makes a program of the host read-only in the namespace. A script whose interpreter is
   * /proc/self/exe leads back to the program that executes it, and root in the container could
   * otherwise write to the host's file (CVE-2019-5736).
   *
   * @param path the absolute path of the program
   */
  void protectProgram(String path) throws RunException {
    int fd = open(path, OpenFlags.O_PATH);
    try {
      mount(fdPath(fd), fdPath(fd), "", Mounts.MS_BIND, "");
    } finally {
      Linux.close(fd);
    }
    int mounted = open(path, OpenFlags.O_PATH);
    try {
      must(path, Mounts.restrict(mounted, Mounts.MOUNT_ATTR_RDONLY, false));
    } finally {
      Linux.close(mounted);
    }
  }

  private void mountSys() throws RunException {
    String place = inRunDirectory("mount");
    int target = root.makeOwnDirectory("sys");
    try {
      mount("sysfs", place, "sysfs", PROTECTED | Mounts.MS_RDONLY, "");
      protect("/sys", place);
      move(place, target);
    } finally {
      Linux.close(target);
    }
  }

  /**
   * Mounts /dev.
   *
   * @return a descriptor of the container's {@code ptmx}, which the caller must close
   */
  int mountDev() throws RunException {
    String place = inRunDirectory("mount");
    int target = root.makeOwnDirectory("dev");
    try {
      mount("tmpfs", place, "tmpfs", Mounts.MS_NOSUID | Mounts.MS_STRICTATIME, "mode=755,size=64m");
      int directory = open(place, OpenFlags.O_PATH);
      try {
        fillDev(directory);
      } finally {
        Linux.close(directory);
      }
      long noExec = Mounts.MS_NOSUID | Mounts.MS_NOEXEC;
      String pts = "newinstance,ptmxmode=0666,mode=0620,gid=5";
      mount("devpts", place + "/pts", "devpts", noExec, pts);
      mount("shm", place + "/shm", "tmpfs", PROTECTED, "mode=1777,size=64m");
      mount("mqueue", place + "/mqueue", "mqueue", PROTECTED, "");
      int ptmx = open(place + "/pts/ptmx", OpenFlags.O_RDWR | OpenFlags.O_NOCTTY);
      move(place, target);
      return ptmx;
    } finally {
      Linux.close(target);
    }
  }

  private static void fillDev(int dev) throws RunException {
    Map<String, long[]> devices =
        Map.of(
            "null", new long[] {1, 3},
            "zero", new long[] {1, 5},
            "full", new long[] {1, 7},
            "random", new long[] {1, 8},
            "urandom", new long[] {1, 9},
            "tty", new long[] {5, 0});
    for (Map.Entry<String, long[]> device : devices.entrySet()) {
      byte[] name = Bytes.of(device.getKey());
      long number = Devices.make((int) device.getValue()[0], (int) device.getValue()[1]);
      String what = "/dev/" + device.getKey();
      must(what, Linux.mknodat(dev, name, Mode.S_IFCHR | ANYBODY_DEVICE, number));
      must(what, Linux.fchmodat(dev, name, ANYBODY_DEVICE));
    }
    Map<String, String> links =
        Map.of(
            "fd", "/proc/self/fd",
            "stdin", "/proc/self/fd/0",
            "stdout", "/proc/self/fd/1",
            "stderr", "/proc/self/fd/2",
            "core", "/proc/kcore",
            "ptmx", "pts/ptmx");
    for (Map.Entry<String, String> link : links.entrySet()) {
      byte[] target = Bytes.of(link.getValue());
      must("/dev/" + link.getKey(), Linux.symlinkat(target, dev, Bytes.of(link.getKey())));
    }
    for (String name : List.of("pts", "shm", "mqueue")) {
      must("/dev/" + name, Linux.mkdirat(dev, Bytes.of(name), 0755));
      must("/dev/" + name, Linux.fchmodat(dev, Bytes.of(name), 0755));
    }
  }

  private void bind(String source, String target, boolean directory, boolean readOnly)
      throws RunException {
    String place = inRunDirectory(directory ? "mount" : "file");
    int to = directory ? root.makeDirectory(target) : root.makeFile(target);
    try {
      mount(source, place, "", Mounts.MS_BIND | Mounts.MS_REC, "");
      mount("", place, "", Mounts.MS_REC | Mounts.MS_PRIVATE, "");
      int mounted = open(place, O_PATH_NOFOLLOW);
      try {
        must(target, Mounts.restrict(mounted, Mounts.MOUNT_ATTR_NODEV, true));
        if (readOnly) {
          must(target, Mounts.restrict(mounted, Mounts.MOUNT_ATTR_RDONLY, true));
        }
      } finally {
        Linux.close(mounted);
      }
      move(place, to);
    } finally {
      Linux.close(to);
    }
  }

  /** Moves /proc, which a process of the container has mounted at {@code proc}, to its place. */
  void attachProc() throws RunException {
    protect("/proc", inRunDirectory("proc"));
    move(inRunDirectory("proc"), procPlace);
  }

  /**
   * Hides some parts of one of the kernel's file systems and makes others read-only. No process can
   * rename objects in such a file system.
   *
   * @param of the directory it is for: {@code /proc} or {@code /sys}
   * @param place where it is mounted
   */
  private void protect(String of, String place) throws RunException {
    for (String path : ProtectedPaths.MASKED) {
      int fd = openPart(of, place, path);
      if (fd < 0) {
        continue;
      }
      Stat stat = new Stat();
      int result = Linux.fstat(fd, stat);
      Linux.close(fd);
      must(path, result);
      String part = place + path.substring(of.length());
      if (stat.isDirectory()) {
        mount("tmpfs", part, "tmpfs", PROTECTED | Mounts.MS_RDONLY, "size=0");
      } else {
        mount("/dev/null", part, "", Mounts.MS_BIND, "");
      }
    }
    for (String path : ProtectedPaths.READ_ONLY) {
      int fd = openPart(of, place, path);
      if (fd < 0) {
        continue;
      }
      Linux.close(fd);
      String part = place + path.substring(of.length());
      mount(part, part, "", Mounts.MS_BIND | Mounts.MS_REC, "");
      int mounted = open(part, O_PATH_NOFOLLOW);
      int result = Mounts.restrict(mounted, Mounts.MOUNT_ATTR_RDONLY, true);
      Linux.close(mounted);
      must(path, result);
    }
  }

  /**
   * Opens a part of a file system. The result is negative if the path belongs to another file
   * system or does not exist in this kernel.
   */
  private static int openPart(String of, String place, String path) {
    if (!path.startsWith(of + "/")) {
      return -Errno.ENOENT;
    }
    byte[] part = Bytes.of(place + path.substring(of.length()));
    return Linux.openat(Linux.AT_FDCWD, part, O_PATH_NOFOLLOW, 0);
  }

  /**
   * Makes the root file system the root of all processes in the namespace, which then cannot leave
   * it, and returns the calling thread to its first namespace.
   */
  void changeRoot() throws RunException {
    must("changing the root", Namespaces.changeRoot(root.fd(), oldRoot, home));
  }

  private String inRunDirectory(String name) {
    return Bytes.ofPath(runDirectory.path(name));
  }

  private static String fdPath(int fd) {
    return "/proc/self/fd/" + fd;
  }

  private static void move(String from, int to) throws RunException {
    mount(from, fdPath(to), "", Mounts.MS_MOVE, "");
  }

  private static int open(String path, int flags) throws RunException {
    return must(path, Linux.openat(Linux.AT_FDCWD, Bytes.of(path), flags, 0));
  }

  private static void mount(String source, String target, String type, long flags, String data)
      throws RunException {
    int result =
        Mounts.mount(Bytes.of(source), Bytes.of(target), Bytes.of(type), flags, Bytes.of(data));
    must("mounting " + (type.isEmpty() ? source : type), result);
  }

  /** Returns the result of a system call, or throws if it is an error. */
  private static int must(String what, int result) throws RunException {
    if (result < 0) {
      throw new RunException(
          "cannot set up the container: " + Bytes.shown(what) + ": " + Errno.message(-result));
    }
    return result;
  }

  @Override
  public void close() {
    root.close();
    Linux.close(oldRoot);
    Linux.close(home);
    if (procPlace >= 0) {
      Linux.close(procPlace);
    }
  }
}
