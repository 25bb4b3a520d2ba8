package dev.lamina.image.store;

import dev.lamina.image.Digest;
import dev.lamina.image.DigestingInput;
import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import dev.lamina.image.compress.Compression;
import dev.lamina.image.file.DurableFiles;
import dev.lamina.image.file.FileLock;
import dev.lamina.image.file.HostFiles;
import dev.lamina.image.file.HostPaths;
import dev.lamina.image.layer.LayerUnpacker;
import dev.lamina.image.layer.LayerUnpacker.Unpacked;
import dev.lamina.image.layer.UnpackLimits;
import dev.lamina.layer.UpperFormat;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Keeps unpacked layers by diff ID. A layer in it is complete, verified and on the disk. */
final class LayerStore {
  private static final byte[] SCRATCH = {'s'};

  private final StorePaths paths;
  private final UnpackLimits limits;

  LayerStore(StorePaths paths, UnpackLimits limits) {
    this.paths = paths;
    this.limits = limits;
  }

  /** Returns what is known of a layer; null when it is not there. */
  LayerInfo find(Digest diffId) throws IOException {
    byte[] json = DurableFiles.read(StorePaths.layerInfo(paths.layer(diffId)));
    return json == null ? null : LayerInfo.parse(json);
  }

  /** Returns the directory that a layer is in or would be in. */
  Path place(Digest diffId) {
    return paths.layer(diffId);
  }

  Path tree(Digest diffId) {
    return StorePaths.tree(paths.layer(diffId));
  }

  /** Returns an empty directory with the attributes of the root, for a layer that defines them. */
  Path root(Digest diffId) {
    return StorePaths.root(paths.layer(diffId));
  }

  /**
   * Locks a layer, so that only the caller unpacks it; others wait here until they have the lock or
   * are interrupted. The caller closes the lock.
   */
  FileLock lock(Digest diffId) throws IOException {
    DurableFiles.makeDirectories(paths.layerLocks());
    return FileLock.exclusiveInterruptibly(paths.layerLock(diffId));
  }

  /**
   * Unpacks a layer and verifies it, for {@link #add} to put it in place. The caller holds its
   * lock.
   *
   * @param archive may be compressed in any way; it is read to its end, and the caller closes it
   * @return the directory for {@link #add}
   * @throws ImageException when the layer is damaged; it names the layer and, where there is one,
   *     the entry
   */
  Path unpack(Digest diffId, InputStream archive, Workspace workspace) throws IOException {
    Path directory = workspace.newDirectory();
    try {
      Path tree = StorePaths.tree(directory);
      DurableFiles.makeDirectories(tree);
      LayerInfo info = unpack(diffId, archive, tree);
      if (info.hasRoot()) {
        Path root = StorePaths.root(directory);
        DurableFiles.makeDirectories(root);
        RootAttributes.copy(tree, root);
      }
      DurableFiles.write(StorePaths.layerInfo(directory), info.json());
      return directory;
    } catch (ImageException e) {
      DurableFiles.removeTree(directory);
      throw new ImageException("layer " + diffId + ": " + e.getMessage(), e);
    } catch (InterruptedIOException e) {
      DurableFiles.removeTree(directory);
      throw e;
    } catch (IOException e) {
      DurableFiles.removeTree(directory);
      throw new IOException("layer " + diffId + ": " + Messages.of(e), e);
    } catch (RuntimeException e) {
      DurableFiles.removeTree(directory);
      throw e;
    }
  }

  private LayerInfo unpack(Digest diffId, InputStream archive, Path tree) throws IOException {
    int opened = Linux.openat(Linux.AT_FDCWD, HostPaths.bytes(tree), OpenFlags.O_PATH, 0);
    DurableFiles.check(opened, "open", tree);
    try (Fd root = new Fd(opened)) {
      UpperFormat format = format(opened, tree);
      DigestingInput tar = new DigestingInput(Compression.decompressed(keptOpen(archive)), diffId);
      try (ReadAhead ahead = new ReadAhead(tar, archive, "layer " + diffId.abbreviated());
          LayerUnpacker unpacker = new LayerUnpacker(opened, format, limits)) {
        Unpacked unpacked = unpacker.unpack(ahead);
        Digest found = tar.digest();
        if (!found.equals(diffId)) {
          throw new ImageException("its contents have the diff ID " + found);
        }
        int isOpaque = format.isMarkedOpaque(root.number(), Linux.EMPTY);
        DurableFiles.check(isOpaque, "read the marks of", tree);
        boolean hidesBelow = isOpaque > 0;
        return new LayerInfo(unpacked.entries(), unpacked.bytes(), unpacked.hasRoot(), hidesBelow);
      }
    }
  }

  /** Returns the same stream, but its reader cannot close it. */
  private static InputStream keptOpen(InputStream archive) {
    return new FilterInputStream(archive) {
      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        return in.read(buffer, offset, length);
      }

      @Override
      public void close() {}
    };
  }

  private static UpperFormat format(int root, Path tree) throws IOException {
    UpperFormat[] format = new UpperFormat[1];
    int result = UpperFormat.choose(root, SCRATCH, format);
    if (result == -Errno.EOPNOTSUPP) {
      throw new ImageException(
          "the file system of "
              + tree
              + " does not support extended attributes, which layers need: choose another one with"
              + " --root");
    }
    DurableFiles.check(result, "write to", tree);
    return format[0];
  }

  /** Puts an unpacked layer in place. The caller holds its lock. */
  void add(Digest diffId, Path directory) throws IOException {
    DurableFiles.syncFileSystem(directory);
    DurableFiles.move(directory, paths.layer(diffId));
  }

  /** Returns the diff IDs of all unpacked layers. */
  Set<Digest> all() throws IOException {
    Set<Digest> all = new HashSet<>();
    for (Path algorithm : HostFiles.list(paths.layers())) {
      for (Path layer : HostFiles.list(algorithm)) {
        all.add(Digest.parse(algorithm.getFileName() + ":" + layer.getFileName()));
      }
    }
    return all;
  }

  /** Removes lock files of layers that nobody is unpacking. The caller holds the store's lock. */
  void removeLocks() throws IOException {
    for (Path file : HostFiles.list(paths.layerLocks())) {
      FileLock lock = FileLock.tryExclusive(file);
      if (lock != null) {
        lock.remove();
      }
    }
  }
}
