package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.RequestContext;

/**
 * The file system of one mount, and what this transport remembers of it.
 *
 * @param directories counted lookups of directories above paths
 * @param orphans counted lookups of files without names
 * @param openFiles counted lookups of what is open
 * @param nodes libfuse's numbers for directories
 * @param linkedFiles libfuse's numbers for names of files that have several
 */
record MountState(
    FuseFileSystem fileSystem,
    DirectoryCache directories,
    Orphans orphans,
    OpenFiles openFiles,
    DirectoryNodes nodes,
    LinkedFiles linkedFiles,
    CachePolicy cachePolicy) {
  MountState(FuseFileSystem fileSystem) {
    this(fileSystem, new LinkedFiles());
  }

  private MountState(FuseFileSystem fileSystem, LinkedFiles linkedFiles) {
    this(
        fileSystem,
        new DirectoryCache(fileSystem),
        new Orphans(fileSystem),
        new OpenFiles(),
        new DirectoryNodes(),
        linkedFiles,
        new CachePolicy(linkedFiles));
  }

  /**
   * Gives back all that is still held, as nothing more will be asked. A mount that was cut off
   * sends no RELEASE for what was open.
   */
  void close() {
    RequestContext nobody = new RequestContext();
    for (OpenFile file : openFiles.removeAll()) {
      release(nobody, file);
    }
    orphans.clear();
    directories.clear();
  }

  /** The kernel has forgotten one of libfuse's nodes; it gives all lookups of one back at once. */
  void forgotten(long node) {
    nodes.remove(node);
    linkedFiles.remove(node);
  }

  /** Closes what has been taken out of {@link #openFiles}. */
  void release(RequestContext context, OpenFile file) {
    try {
      if (file.isDirectory()) {
        fileSystem.releasedir(context, file.nodeid(), file.handle());
      } else {
        fileSystem.release(context, file.nodeid(), file.handle());
      }
    } finally {
      if (file.isCounted()) {
        fileSystem.forget(file.nodeid(), 1);
      }
    }
  }
}
