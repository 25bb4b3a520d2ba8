package dev.lamina.union.copyup;

import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.TaskThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

/**
 * The threads that copy up large files, so that no request has to wait for a copy that it does not
 * need. Each layer has its own threads, since a layer on a file system that no longer responds
 * (NFS, FUSE) must not delay the files of other layers. The threads exist only while there is
 * something to copy.
 */
public final class CopyThreads implements AutoCloseable {
  /**
   * The size in bytes above which a file is copied by these threads. Copying that many bytes takes
   * a millisecond or more; handing the copy over takes a tenth of one.
   */
  static final long LARGE = 1L << 20;

  /**
   * The size in bytes from which a file is copied by separate threads, so that smaller files do not
   * queue behind it.
   */
  private static final long HUGE = 64L << 20;

  /** The number of threads of each of the two kinds for a layer: more would only share the disk. */
  private static final int THREADS = 2;

  /** The threads for the files of one layer. */
  private record Lanes(TaskThreads large, TaskThreads huge) {
    Lanes() {
      this(new TaskThreads("copy", THREADS), new TaskThreads("copy-huge", THREADS));
    }
  }

  /** The threads of each layer, null until its first large file; guarded by the monitor. */
  private final Lanes[] layers;

  private boolean isClosed;
  private final Set<LongWork> underWay = ConcurrentHashMap.newKeySet();

  /**
   * @param layers the number of layers
   */
  public CopyThreads(int layers) {
    this.layers = new Lanes[layers];
  }

  /**
   * Has one of the threads make a copy.
   *
   * @param layer the index of the layer that the data is on
   * @param size in bytes
   * @param copy makes the copy and ends the work
   * @return false if there is no thread for it; then nothing has happened
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

  /** Abandons all copies and waits until unfinished ones are removed. */
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
