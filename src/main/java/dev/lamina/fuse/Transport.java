package dev.lamina.fuse;

/** Delivers requests from the kernel to a {@link FuseFileSystem}, and its answers to the kernel. */
public interface Transport {
  /**
   * Mounts the file system and serves it on the calling thread until it is unmounted. May be called
   * once.
   *
   * @throws MountException if the file system could not be mounted; nothing is mounted then
   */
  void serve(FuseFileSystem fileSystem, MountRequest request) throws MountException;
}
