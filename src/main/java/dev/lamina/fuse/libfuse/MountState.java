package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.RequestContext;

/**
 * The state of one mount: the file system and the tables of this transport.
 *
 * @param directories the directories above the last components of paths, with their counted lookups
 * @param orphans the open files without names, with their counted lookups
 * @param openFiles the open files and directories, with their counted lookups
 * @param nodes libfuse's numbers of directories
 * @param linkedFiles libfuse's numbers of the names of files with several hard links
 * @param cachePolicy which data the kernel may cache
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
   * Closes open files and gives all lookups back, after the last request. A mount that was aborted
   * sends no RELEASE for open files.
   */
  void close() {
    RequestContext nobody = new RequestContext();
    for (OpenFile file : openFiles.removeAll()) {
      release(nobody, file);
    }
    orphans.clear();
    directories.clear();
  }

  /**
   * Removes a libfuse node that the kernel has forgotten. The kernel gives back all lookups of a
   * node at once.
   */
  void forgotten(long node) {
    nodes.remove(node);
    linkedFiles.remove(node);
  }

  /** Closes a file or directory that has been removed from {@link #openFiles}. */
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
