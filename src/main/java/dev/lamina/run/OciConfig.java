package dev.lamina.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.Json;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Terminal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The config.json of a bundle (OCI runtime specification 1.0). It describes a container like
 * Docker's, except that the network is the host's or none.
 */
final class OciConfig {
  private static final String VERSION = "1.0.2";
  private static final int UMASK = 022;

  private final ObjectNode document = Json.object();

  private OciConfig() {}

  static byte[] of(Container container) throws RunException {
    OciConfig config = new OciConfig();
    config.document.put("ociVersion", VERSION);
    config.process(container.process(), container.request().isTerminal());
    String root =
        Bytes.text("the root file system's path", RootDirectory.realPath(container.root().fd()));
    config
        .document
        .putObject("root")
        .put("path", root)
        .put("readonly", container.request().isReadOnly());
    config.document.put("hostname", Bytes.text("the host's name", container.process().hostname()));
    config.mounts(container);
    config.linux(container.request());
    return Json.bytes(config.document);
  }

  private void process(ContainerProcess wanted, boolean terminal) throws RunException {
    ObjectNode process = document.putObject("process");
    process.put("terminal", terminal);
    int[] size = terminal ? Terminal.size(Container.STANDARD_INPUT) : null;
    if (size != null) {
      process.putObject("consoleSize").put("height", size[0]).put("width", size[1]);
    }
    ContainerUser user = wanted.user();
    ObjectNode who = process.putObject("user");
    who.put("uid", user.uid()).put("gid", user.gid()).put("umask", UMASK);
    ArrayNode groups = who.putArray("additionalGids");
    user.groups().forEach(groups::add);
    texts(process.putArray("args"), "an argument", wanted.args());
    texts(process.putArray("env"), "a variable", wanted.environment().list());
    process.put("cwd", Bytes.text("the working directory", wanted.directory()));
    ObjectNode capabilities = process.putObject("capabilities");
    for (String set : List.of("bounding", "effective", "permitted")) {
      ArrayNode names = capabilities.putArray(set);
      Capabilities.names().forEach(names::add);
    }
    process.put("noNewPrivileges", false);
  }

  private static void texts(ArrayNode array, String what, List<String> strings)
      throws RunException {
    for (String string : strings) {
      array.add(Bytes.text(what, string));
    }
  }

  private void mounts(Container container) throws RunException {
    ArrayNode mounts = document.putArray("mounts");
    mount(mounts, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
    mount(mounts, "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
    mount(
        mounts,
        "/dev/pts",
        "devpts",
        "devpts",
        "nosuid",
        "noexec",
        "newinstance",
        "ptmxmode=0666",
        "mode=0620",
        "gid=5");
    mount(mounts, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
    mount(
        mounts,
        "/sys/fs/cgroup",
        "cgroup",
        "cgroup",
        "nosuid",
        "noexec",
        "nodev",
        "relatime",
        "ro");
    mount(mounts, "/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
    mount(
        mounts,
        "/dev/shm",
        "tmpfs",
        "shm",
        "nosuid",
        "noexec",
        "nodev",
        "mode=1777",
        "size=65536k");
    for (Map.Entry<String, Path> file : container.networkFiles().entrySet()) {
      mount(mounts, file.getKey(), "bind", file.getValue().toString(), "bind", "rprivate", "rw");
    }
    for (Volume volume : container.process().volumes()) {
      int fd = volume.open();
      try {
        String source = Bytes.text("a volume", RootDirectory.realPath(fd));
        String target = Bytes.text("a volume", volume.target());
        mount(mounts, target, "bind", source, "rbind", "rprivate", volume.readOnly() ? "ro" : "rw");
      } finally {
        Linux.close(fd);
      }
    }
  }

  private static void mount(
      ArrayNode mounts, String target, String type, String source, String... options) {
    ObjectNode mount = mounts.addObject();
    mount.put("destination", target).put("type", type).put("source", source);
    ArrayNode all = mount.putArray("options");
    for (String option : options) {
      all.add(option);
    }
  }

  private void linux(RunRequest request) throws RunException {
    ObjectNode linux = document.putObject("linux");
    linux
        .putObject("resources")
        .putArray("devices")
        .addObject()
        .put("allow", false)
        .put("access", "rwm");
    ArrayNode namespaces = linux.putArray("namespaces");
    for (String type : List.of("pid", "ipc", "uts", "mount")) {
      namespaces.addObject().put("type", type);
    }
    if (request.network() == Network.NONE) {
      namespaces.addObject().put("type", "network");
    }
    ArrayNode masked = linux.putArray("maskedPaths");
    ProtectedPaths.MASKED.forEach(masked::add);
    ArrayNode readOnly = linux.putArray("readonlyPaths");
    ProtectedPaths.READ_ONLY.forEach(readOnly::add);
    ObjectNode filter = request.seccomp().filter(Capabilities.names());
    if (filter != null) {
      linux.set("seccomp", filter);
    }
  }
}
