package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A user without privileges mounts, through fusermount: in a mount namespace of its own, with a
 * device that everyone may open, as udev makes it, and a configuration that says nothing.
 */
@Tag("one-jdk")
class FusermountTest {
  /** Arguments: the sandbox, where Lamina was built, the transport. Any failure ends it. */
  private static final String PREPARE =
      """
      set -eu
      cd "$1"
      # Mounts of tests that run beside this one must not live on in here.
      mapfile -t table </proc/self/mounts
      for entry in "${table[@]}"; do
        read -r _ point type _ <<<"$entry"
        [ "$type" != fuse.lamina ] || umount -l "$(printf %b "$point")" || true
      done
      mkdir bin target lower upper work
      cp "$2"/scripts/lamina bin/
      cp -r "$2"/target/lib "$2"/target/lamina-*.jar target/
      chmod -R go+rX .
      export LAMINA_HOME=$PWD/target

      mknod -m 666 fuse c 10 229
      mount --bind fuse /dev/fuse
      true >fuse.conf
      [ ! -e /etc/fuse.conf ] || mount --bind fuse.conf /etc/fuse.conf

      merged=$PWD/$'m\\303\\244 1\\nx'
      mkdir "$merged" lower/directory
      echo low >lower/file
      chown -R 65534:65534 lower upper work "$merged"
      trap 'umount -l "$merged" 2>/dev/null || true' EXIT

      nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
      mount_as_nobody() {
        "${nobody[@]}" bin/lamina mount --transport="$transport" \\
          -o "lowerdir=lower,upperdir=upper,workdir=work$1" "$merged"
      }
      daemon() { pgrep -u 65534 -f "java.*$PWD/"; }
      mounts() { grep -F "$PWD/" /proc/self/mountinfo | grep -c "fuse.lamina" || true; }
      await_end() {
        while daemon >/dev/null; do sleep 0.1; done
        [ "$(mounts)" = 0 ]
      }
      transport=$3
      """;

  /** Runs a script in a mount namespace of its own, where mount_as_nobody mounts at $merged. */
  static Commands.Result run(String transport, String script) {
    try (Sandbox sandbox = new Sandbox()) {
      Commands.run("chmod", "755", sandbox.root().toString()).succeed();
      return Commands.run(
              Lamina.TIMEOUT,
              "unshare",
              "--mount",
              "--propagation=private",
              "bash",
              "-c",
              PREPARE + script,
              "bash",
              sandbox.root().toString(),
              Path.of("").toAbsolutePath().toString(),
              transport)
          .succeed();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "libfuse"})
  void mountsWorksAndUnmounts(String transport) {
    String script =
        """
        mount_as_nobody ""
        [ "$(mounts)" = 1 ]
        "${nobody[@]}" bash -euc 'cd "$1"; cat file; echo more >>file; rmdir directory; ls' - "$merged"
        cat upper/file
        ls lower

        "${nobody[@]}" sh -c 'exec sleep 1000 <"$1"' - "$merged" &
        until [ "$(readlink /proc/$!/fd/0)" = "$merged" ]; do sleep 0.1; done
        status=0
        "${nobody[@]}" bin/lamina umount "$merged" 2>&1 || status=$?
        kill $!
        wait $! || true
        echo "busy: $status"
        "${nobody[@]}" bin/lamina umount "$merged"
        await_end
        """;
    String out = run(transport, script).out();
    assertTrue(out.startsWith("low\nfile\nlow\nmore\ndirectory\nfile\n"), out);
    assertTrue(out.contains(": busy: a process still uses it"), out);
    assertTrue(out.endsWith("\nbusy: 1\n"), out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "libfuse"})
  void unmountsAtSigterm(String transport) {
    run(
        transport,
        """
        mount_as_nobody ""
        kill "$(daemon)"
        await_end
        """);
  }

  /** Other users, root among them, are let in if both the mount and fuse.conf say so. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel", "libfuse"})
  void letsOthersInWhereTheyMayBe(String transport) {
    Commands.Result result =
        run(
            transport,
            """
            mount_as_nobody ,allow_other && exit 1
            mount_as_nobody ""
            cat "$merged/file" 2>/dev/null && exit 1
            "${nobody[@]}" bin/lamina umount "$merged"
            await_end
            [ -e /etc/fuse.conf ] || { echo low; exit 0; }
            echo user_allow_other >fuse.conf
            mount_as_nobody ,allow_other
            cat "$merged/file" >file
            "${nobody[@]}" bin/lamina umount --lazy "$merged"
            await_end
            cat file
            """);
    assertEquals("low\n", result.out());
  }
}
