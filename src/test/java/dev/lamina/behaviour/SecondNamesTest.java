package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.testing.Commands;
import org.junit.jupiter.api.Test;

/**
 * Sockets and fifos are found by the kernel's inode: by each of their names, where hard links are
 * one inode to it, which libfuse 2 cannot have ({@link dev.lamina.fuse.Capabilities#sharedLinks}).
 */
class SecondNamesTest extends UnionTest {
  /** Runs a Python program in the mount, which needs relative names: sun_path is short. */
  private static String python(Union union, String program) {
    ProcessBuilder builder = new ProcessBuilder("python3", "-c", program);
    builder.directory(union.mountPoint().toFile());
    return Commands.run(builder).succeed().out();
  }

  @Test
  void socketIsConnectedToByEachOfItsNames() {
    try (Union union = Union.writable(mounter, 1).mount()) {
      String said =
          python(
              union,
              """
              import os, socket
              server = socket.socket(socket.AF_UNIX)
              server.bind('name')
              server.listen()
              os.link('name', 'second')
              def connect(name):
                  client = socket.socket(socket.AF_UNIX)
                  try:
                      client.connect(name)
                      server.accept()
                      print(name, 'connects')
                  except OSError as e:
                      print(name, os.strerror(e.errno))
              connect('name')
              connect('second')
              os.rename('name', 'renamed')
              connect('renamed')
              """);
      String second = mounter.capabilities().sharedLinks() ? "connects" : "Connection refused";
      assertEquals("name connects\nsecond " + second + "\nrenamed connects\n", said);
    }
  }

  @Test
  void fifoIsOneByEachOfItsNames() {
    try (Union union = Union.writable(mounter, 1).mount()) {
      String said =
          python(
              union,
              """
              import os
              os.mkfifo('name')
              os.link('name', 'second')
              reader = os.open('name', os.O_RDONLY | os.O_NONBLOCK)
              for name in 'name', 'second':
                  try:
                      os.write(os.open(name, os.O_WRONLY | os.O_NONBLOCK), name.encode())
                      print(os.read(reader, 100).decode())
                  except OSError as e:
                      print(os.strerror(e.errno))
              """);
      String second = mounter.capabilities().sharedLinks() ? "second" : "No such device or address";
      assertEquals("name\n" + second + "\n", said);
    }
  }
}
