package dev.lamina.layer;

/**
 * A result of reading a layer that is remembered in a few bits of a byte, which an object has for
 * such memos. Readers and changes may be concurrent. What a change has stored stays: a result that
 * was read before the change is dropped.
 *
 * <p>Code that writes a mark which changes the result calls {@link #set} before the mark can be
 * seen, or after it if the result is not used until then.
 *
 * @param <T> the object that has the byte
 */
public abstract class Memo<T> {
  /** Says that nothing is known. */
  public static final int UNKNOWN = 0;

  /**
   * The lock of all memos. It is held for a few instructions when an object is read for the first
   * time, and no other lock is taken meanwhile. Atomic updates of a byte would cost the start of
   * each mount more than all these together.
   */
  private static final Object LOCK = new Object();

  private final int mask;

  /**
   * @param mask the bits of the byte that belong to this memo; each result is one or more of them
   */
  protected Memo(int mask) {
    this.mask = mask;
  }

  /** Reads the byte, which is volatile. */
  protected abstract byte load(T holder);

  /** Writes the byte. */
  protected abstract void store(T holder, byte value);

  /** Returns what is known, or {@link #UNKNOWN}. */
  public final int get(T holder) {
    return load(holder) & mask;
  }

  /**
   * Remembers what was read, unless something is known already.
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

  /** Remembers the result of a change, or that nothing is known any more. */
  public final void set(T holder, int value) {
    synchronized (LOCK) {
      store(holder, (byte) (load(holder) & ~mask | value));
    }
  }
}
