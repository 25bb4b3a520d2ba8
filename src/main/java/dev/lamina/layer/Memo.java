package dev.lamina.layer;

/**
 * What was read of a layer once and is remembered: a few bits of a byte that an object has for such
 * memos. Those that read it and those that change it may come at once. What a change has told
 * stays: an answer that was read before it is dropped.
 *
 * <p>Whoever writes a mark that makes the answer another one calls {@link #set} before the mark can
 * be seen, or after it where the answer does not count until then.
 *
 * @param <T> the object that has the byte
 */
public abstract class Memo<T> {
  /** Nothing is known. */
  public static final int UNKNOWN = 0;

  /**
   * Taken for a few instructions when an object is looked at for the first time, and nothing is
   * locked under it. An atomic update of a byte would take more of each mount's start than all
   * these together.
   */
  private static final Object LOCK = new Object();

  private final int mask;

  /**
   * @param mask the bits of the byte that are this memo's; each answer is one or more of them
   */
  protected Memo(int mask) {
    this.mask = mask;
  }

  /** Reads the byte, which is volatile. */
  protected abstract byte load(T holder);

  /** Writes the byte. */
  protected abstract void store(T holder, byte value);

  /** What is known, or {@link #UNKNOWN}. */
  public final int get(T holder) {
    return load(holder) & mask;
  }

  /**
   * Remembers what was read, unless something is known by now.
   *
   * @return what is known
   */
  public final int learn(T holder, int seen) {
    synchronized (LOCK) {
      int known = get(holder);
      if (known == UNKNOWN) {
        set(holder, seen);
        known = seen;
      }
      return known;
    }
  }

  /** Remembers what a change makes of it, or that nothing is known any more. */
  public final void set(T holder, int value) {
    synchronized (LOCK) {
      store(holder, (byte) (load(holder) & ~mask | value));
    }
  }
}
