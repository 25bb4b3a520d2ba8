package dev.lamina.union;

import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.TaskThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

/**
 * The threads that copy large files up, so that no request is kept from its answer by a copy that
 * is none of its own. Each layer has its own, since one that lies on a file system which answers no
 * more (NFS, FUSE) must not keep the files of others waiting. They exist while there is something
 * to copy.
 */
final class CopyThreads implements AutoCloseable {
  /**
   * Bytes from which a file is copied here. To copy so many takes a millisecond or more, to hand
   * the copy over a tenth of one.
   */
  static final long LARGE = 1L << 20;

  /** Bytes from which a copy takes so long that shorter ones do not queue behind it. */
  private static final long HUGE = 64L << 20;

  /** For each layer, of each of the two kinds: more would only share the disk. */
  private static final int THREADS = 2;

  /** The threads for the files of one layer, whose file system may answer no more. */
  private record Lanes(TaskThreads large, TaskThreads huge) {
    Lanes() {
      this(new TaskThreads("copy", THREADS), new TaskThreads("copy-huge", THREADS));
    }
  }

  /** By layer, from its first large file on; the monitor guards it. */
  private final Lanes[] layers;

  private boolean isClosed;
  private final Set<LongWork> underWay = ConcurrentHashMap.newKeySet();

  /**
   * @param layers how many there are
   */
  CopyThreads(int layers) {
    this.layers = new Lanes[layers];
  }

  /**
   * Has a copy made by one of the threads.
   *
   * @param layer that the data is on
   * @param size in bytes
   * @param copy ends the work
   * @return false where it cannot be had; then nothing has happened
   */
  boolean start(LongWork work, int layer, long size, Runnable copy) {
    underWay.add(work);
    work.allowAbandoning();
    try {
      threads(layer, size)
          .execute(
              () -> {
                try {
                  copy.run();
                } finally {
                  underWay.remove(work);
                }
              });
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      underWay.remove(work);
      return false;
    }
  }

  private synchronized TaskThreads threads(int layer, long size) {
    if (isClosed) {
      throw new RejectedExecutionException();
    }
    if (layers[layer] == null) {
      layers[layer] = new Lanes();
    }
    return size < HUGE ? layers[layer].large : layers[layer].huge;
  }

  /** Abandons all copies, and waits until what was half done is removed. */
  @Override
  public void close() {
    List<TaskThreads> all = new ArrayList<>();
    synchronized (this) {
      isClosed = true;
      for (Lanes lanes : layers) {
        if (lanes != null) {
          all.addAll(List.of(lanes.large, lanes.huge));
        }
      }
    }
    all.forEach(TaskThreads::shutdown);
    underWay.forEach(LongWork::abandon);
    all.forEach(TaskThreads::close);
  }
}
