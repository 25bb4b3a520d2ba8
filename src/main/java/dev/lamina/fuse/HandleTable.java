package dev.lamina.fuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Open files or directories by number.
 *
 * @param <T> the type of what is open
 */
public final class HandleTable<T> {
  // Read without the monitor: the array is replaced, and only single slots are changed in place.
  private volatile Object[] slots = new Object[64];
  private int[] free = new int[64];
  private int freeCount;
  private int next;

  /** Adds an object and returns its number. */
  public synchronized long add(T object) {
    int index = freeCount > 0 ? free[--freeCount] : next++;
    if (index == slots.length) {
      slots = Arrays.copyOf(slots, 2 * index);
    }
    slots[index] = object;
    return index;
  }

  /**
   * Returns the object of a number.
   *
   * @throws ErrnoException EBADF for a number that is not in use
   */
  @SuppressWarnings("unchecked")
  public T get(long handle) throws ErrnoException {
    Object[] all = slots;
    Object object = handle >= 0 && handle < all.length ? all[(int) handle] : null;
    if (object == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    return (T) object;
  }

  /** Removes an object and returns it; null if the number is not in use. */
  @SuppressWarnings("unchecked")
  public synchronized T remove(long handle) {
    if (handle < 0 || handle >= slots.length || slots[(int) handle] == null) {
      return null;
    }
    int index = (int) handle;
    T object = (T) slots[index];
    slots[index] = null;
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, 2 * freeCount);
    }
    free[freeCount++] = index;
    return object;
  }

  /** Returns all objects. */
  @SuppressWarnings("unchecked")
  public synchronized List<T> all() {
    return (List<T>) Arrays.stream(slots).filter(Objects::nonNull).toList();
  }

  /** Returns the number of handles in use. */
  public synchronized int size() {
    return next - freeCount;
  }
}
