package dev.lamina.fuse;

/** Brings requests from the kernel to a {@link FuseFileSystem} and the answers back. */
public interface Transport {
  /**
   * Mounts the file system and serves it until it is unmounted. Called once, on a thread that it
   * keeps.
   *
   * @throws MountException when it could not be mounted; then nothing is
   */
  void serve(FuseFileSystem fileSystem, MountRequest request) throws MountException;
}
