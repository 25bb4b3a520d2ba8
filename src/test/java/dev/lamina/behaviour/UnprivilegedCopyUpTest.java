package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.testing.UserNamespaces;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Copy-up where the daemon may do no more than its user: as an ordinary one, and as the root of a
 * user namespace. What ext4 lets the same user do to the same files works.
 */
@Tag("one-jdk")
class UnprivilegedCopyUpTest {
  /** Objects of every type, whose modes deny their owner what a copy-up needs. */
  private static final String LAYERS =
      """
      echo data >lower/read-only
      echo data >lower/listed
      setfacl -m u:65534:r lower/listed
      setfattr -n user.key -v value lower/listed
      chmod 444 lower/read-only lower/listed
      ln -s target lower/symlink
      mkfifo lower/fifo
      python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("lower/socket")'
      mkdir lower/closed
      echo data >lower/closed/file
      chmod 555 lower/closed
      chown -hR 65534:65534 lower
      """;

  private static final String MOVE =
      """
      for name in read-only listed symlink fifo socket; do
        mv $name moved-$name
      done
      echo more >>closed/file
      [ "$(cat closed/file | tr '\n' ' ')" = "data more " ]
      [ "$(stat -c %a closed)" = 555 ]
      [ "$(cat moved-read-only)" = data ]
      [ "$(readlink moved-symlink)" = target ]
      [ "$(getfattr --only-values -n user.key moved-listed)" = value ]
      stat -c '%a %F' moved-read-only moved-listed moved-fifo moved-socket
      chmod u+w closed
      rm closed/file
      chmod u-w closed
      rmdir closed
      mkdir made
      touch made/file
      chmod 555 made
      mv made renamed
      ls
      """;

  private static final String EXPECTED =
      """
      444 regular file
      444 regular file
      644 fifo
      755 socket
      directory
      file
      moved-fifo
      moved-listed
      moved-read-only
      moved-socket
      moved-symlink
      renamed
      """;

  @Test
  void anOrdinaryUser() {
    String script =
        LAYERS
            + """
            mount_as_nobody ""
            "${nobody[@]}" bash -euc 'cd "$1"
            """
            + MOVE.replace("'", "'\\''")
            + """
            ' - "$merged"
            number=$("${nobody[@]}" stat -c %i "$merged/moved-read-only")
            "${nobody[@]}" bin/lamina umount "$merged"
            await_end
            [ $number = $(stat -c %i lower/read-only) ]
            [ -z "$(ls -A work/work)" ]
            """;
    assertEquals(EXPECTED, FusermountTest.run("kernel", script).out());
  }

  /** It cannot read the marks of such, and its user may change them all the same. */
  @Test
  void anOrdinaryUsersUnreadableFiles() {
    String script =
        """
        mount_as_nobody ""
        "${nobody[@]}" bash -euc 'cd "$1"
        echo data >closed
        echo data >written
        mkdir shut
        echo data >shut/file
        chmod 000 closed
        chmod 200 written
        chmod 300 shut' - "$merged"
        "${nobody[@]}" bin/lamina umount "$merged"
        await_end
        mount_as_nobody ""
        "${nobody[@]}" bash -euc 'cd "$1"
        echo more >>written
        mv written moved
        echo new >shut/new
        rm shut/file
        chmod 700 shut
        ls shut
        chmod 600 closed moved
        cat closed moved
        rm closed moved' - "$merged"
        "${nobody[@]}" bin/lamina umount "$merged"
        await_end
        """;
    assertEquals("new\ndata\ndata\nmore\n", FusermountTest.run("kernel", script).out());
  }

  @Test
  void theRootOfAUserNamespace() {
    UserNamespaces.require();
    String script =
        LAYERS
            + """
            "${nobody[@]}" unshare --user --map-root-user --mount bash -euc '
            bin/lamina mount -o lowerdir=lower,upperdir=upper,workdir=work "$1"
            cd "$1"
            chown -hR 0:0 .
            """
            + MOVE.replace("'", "'\\''")
            + """
            cd /
            "$OLDPWD/../bin/lamina" umount "$1"
            ' - "$merged"
            await_end
            [ -z "$(ls -A work/work)" ]
            """;
    assertEquals(EXPECTED, FusermountTest.run("kernel", script).out());
  }
}
