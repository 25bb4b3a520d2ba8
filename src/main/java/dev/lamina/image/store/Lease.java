package dev.lamina.image.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostFiles;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a process is about to need: blobs and layers that no name and no mount names yet. It holds
 * while the process lives. What is in a lease when it is looked for is not taken away by a garbage
 * collection; one that is under way has finished deciding before {@link #add} returns.
 *
 * <p>It is a file, made when there is something to hold. Where none can be written, on a full disk
 * or on one that is read-only, the store's lock is held instead, and nothing at all is collected
 * meanwhile.
 */
final class Lease implements AutoCloseable {
  private final StorePaths paths;
  private final Path file;

  /** Of the file; null until there is one. */
  private FileLock lock;

  /** The store's, in place of a file; otherwise null. */
  private FileLock standIn;

  Lease(StorePaths paths) {
    this.paths = paths;
    file = paths.leases().resolve(Long.toHexString(ThreadLocalRandom.current().nextLong()));
  }

  /** Waits for a garbage collection to decide; look for what it adds only after this. */
  synchronized void add(Collection<Digest> digests) throws IOException {
    FileLock shared = FileLock.shared(paths.lock());
    try {
      if (standIn == null && !write(digests)) {
        standIn = shared;
        shared = null;
      }
    } finally {
      if (shared != null) {
        shared.close();
      }
    }
  }

  private boolean write(Collection<Digest> digests) {
    StringBuilder lines = new StringBuilder();
    digests.forEach(digest -> lines.append(digest).append('\n'));
    try {
      if (lock == null) {
        DurableFiles.makeDirectories(paths.leases());
        lock = FileLock.exclusive(file);
      }
      Files.write(file, lines.toString().getBytes(ISO_8859_1), StandardOpenOption.APPEND);
      return true;
    } catch (IOException e) {
      Log.debug(Lease.class, "the store's lock is held, there can be no lease: {}", e.toString());
      return false;
    }
  }

  /** Lets go of the store's lock, before it is taken exclusively. */
  synchronized void giveWay() {
    if (standIn != null) {
      standIn.close();
      standIn = null;
    }
  }

  /**
   * Everything that leases hold; those of processes that have ended are removed. Under the store's
   * lock.
   *
   * @param own left out
   */
  static Set<Digest> held(StorePaths paths, Lease own) throws IOException {
    Set<Digest> all = new HashSet<>();
    for (Path entry : HostFiles.list(paths.leases())) {
      if (entry.equals(own.file)) {
        continue;
      }
      byte[] lines = DurableFiles.read(entry);
      FileLock abandoned = FileLock.tryExclusive(entry);
      if (abandoned != null) {
        abandoned.remove();
      } else if (lines != null) {
        for (String line : new String(lines, ISO_8859_1).split("\n")) {
          addDigest(all, line);
        }
      }
    }
    return all;
  }

  private static void addDigest(Set<Digest> all, String line) {
    try {
      all.add(Digest.parse(line));
    } catch (ImageException e) {
      // The last line of a process that was killed, or the empty one of a new lease.
      return;
    }
  }

  @Override
  public synchronized void close() {
    giveWay();
    if (lock != null) {
      lock.remove();
    }
  }
}
