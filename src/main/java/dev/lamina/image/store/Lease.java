package dev.lamina.image.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostFiles;
import dev.lamina.sys.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Protects what a process is about to need from garbage collection: blobs and layers that no name
 * and no mount refers to yet. It lasts while the process lives. Nothing that is in a lease is
 * collected; a collection that is under way has finished deciding before {@link #add} returns.
 *
 * <p>A lease is a file, made when there is something to protect. Where no file can be written, on a
 * full or read-only disk, the store's lock is held instead, and nothing at all is collected
 * meanwhile.
 */
final class Lease implements AutoCloseable {
  private final StorePaths paths;
  private final Path file;

  /** Of the file; null until there is one. */
  private FileLock lock;

  /** How many bytes of the file are whole lines. */
  private long length;

  /** The store's lock, held in place of a file; otherwise null. */
  private FileLock standIn;

  Lease(StorePaths paths) {
    this.paths = paths;
    file = paths.leases().resolve(Long.toHexString(ThreadLocalRandom.current().nextLong()));
  }

  /**
   * Adds digests to the lease, after waiting for a garbage collection to decide. Callers look only
   * after this whether the things are there.
   */
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
    ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(ISO_8859_1));
    try {
      if (lock == null) {
        DurableFiles.makeDirectories(paths.leases());
        lock = FileLock.exclusive(file);
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        // A write that failed for want of space can have left half a line.
        channel.truncate(length);
        channel.position(length);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      length += bytes.limit();
      return true;
    } catch (IOException e) {
      Log.debug(
          Lease.class,
          "no lease can be written, and so the store's lock is held: {}",
          e.toString());
      return false;
    }
  }

  /** Releases the store's lock, before it is taken exclusively. */
  synchronized void giveWay() {
    if (standIn != null) {
      standIn.close();
      standIn = null;
    }
  }

  /**
   * Returns everything that the leases of living processes hold, and removes those of processes
   * that have ended. The caller holds the store's lock.
   *
   * @param own is left out
   * @throws ImageException when a lease is damaged, so that it is not known what is needed
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
        addDigests(entry, new String(lines, ISO_8859_1), all);
      }
    }
    return all;
  }

  /** What follows the last newline belongs to a write that failed; the store's lock stands in. */
  private static void addDigests(Path lease, String lines, Set<Digest> all) throws ImageException {
    int start = 0;
    for (int end = lines.indexOf('\n'); end >= 0; end = lines.indexOf('\n', start)) {
      try {
        all.add(Digest.parse(lines.substring(start, end)));
      } catch (ImageException e) {
        throw new ImageException("the lease " + lease + " is damaged: " + e.getMessage(), e);
      }
      start = end + 1;
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
