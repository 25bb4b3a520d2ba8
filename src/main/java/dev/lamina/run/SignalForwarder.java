package dev.lamina.run;

import dev.lamina.sys.ProcessCalls;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Passes signals that this process gets on to another one while it is open. Those that come while
 * there is no such process wait for it; one that says to end then keeps it from running at all.
 *
 * <p>SIGQUIT is not among them: the virtual machine keeps it for itself, to print its threads'
 * stacks. A signal that this process was started to ignore, as nohup(1) does, is left ignored.
 *
 * <p>{@code sun.misc.Signal} is in every JDK (module jdk.unsupported), but the compiler warns of it
 * and cannot be told not to, hence the reflection.
 */
public final class SignalForwarder implements AutoCloseable {
  static final int SIGWINCH = 28;

  private static final Map<String, Integer> NUMBERS =
      Map.of("HUP", 1, "INT", 2, "USR1", 10, "USR2", 12, "TERM", 15, "WINCH", SIGWINCH);

  /** SIGHUP, SIGINT and SIGTERM. */
  private static final Set<Integer> ENDING = Set.of(1, 2, 15);

  /** A shell's, and docker's, for what a signal has ended. */
  private static final int LOOKS = 20;

  private static final long LOOK_NANOS = 10_000_000;
  private static final int SIGNALLED = 128;

  private final Map<Object, Object> before = new LinkedHashMap<>();
  private final List<Integer> early = new ArrayList<>();
  private final Method handle;
  private IntConsumer receiver;

  /** The first signal that said to end; 0 where none has. */
  private int ending;

  private SignalForwarder(Method handle) {
    this.handle = handle;
  }

  /** From now on signals do nothing to this process. */
  public static SignalForwarder start() throws RunException {
    try {
      Class<?> signalClass = Class.forName("sun.misc.Signal");
      Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
      SignalForwarder forwarder =
          new SignalForwarder(signalClass.getMethod("handle", signalClass, handlerClass));
      Object handler =
          Proxy.newProxyInstance(
              SignalForwarder.class.getClassLoader(),
              new Class<?>[] {handlerClass},
              (self, method, arguments) -> forwarder.invoke(self, method, arguments));
      long ignored = ignored();
      for (String name : NUMBERS.keySet()) {
        if ((ignored >>> NUMBERS.get(name) - 1 & 1) == 0) {
          Object signal = signalClass.getConstructor(String.class).newInstance(name);
          forwarder.before.put(signal, forwarder.handle.invoke(null, signal, handler));
        }
      }
      return forwarder;
    } catch (ReflectiveOperationException | IOException e) {
      throw new RunException("signals cannot be handled: " + e.getMessage(), e);
    }
  }

  /** A bit for each signal, by proc(5). */
  private static long ignored() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")) {
        return Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16);
      }
    }
    return 0;
  }

  private Object invoke(Object self, Method method, Object[] arguments)
      throws ReflectiveOperationException {
    switch (method.getName()) {
      case "handle" -> {
        Object signal = arguments[0];
        String name = (String) signal.getClass().getMethod("getName").invoke(signal);
        received(NUMBERS.get(name));
        return null;
      }
      case "equals" -> {
        return self == arguments[0];
      }
      case "hashCode" -> {
        return System.identityHashCode(self);
      }
      default -> {
        return "forwarder";
      }
    }
  }

  private synchronized void received(int number) {
    if (ending == 0 && ENDING.contains(number)) {
      ending = number;
    }
    if (receiver == null) {
      early.add(number);
    } else {
      receiver.accept(number);
    }
  }

  /**
   * Signals go to a process, those that waited first.
   *
   * @return false when one of these says to end: then the process, which may not be able to heed it
   *     yet, is the caller's to kill
   */
  boolean forwardTo(long pid) {
    // It may have ended: then there is nobody to tell.
    return forwardTo(number -> ProcessCalls.kill(pid, number));
  }

  synchronized boolean forwardTo(IntConsumer to) {
    if (early.stream().anyMatch(ENDING::contains)) {
      return false;
    }
    receiver = to;
    early.forEach(to::accept);
    early.clear();
    return true;
  }

  /** Signals wait again. */
  public synchronized void hold() {
    receiver = null;
  }

  /** While there is nothing to end, those that say to end do so to this process, at once. */
  public void exitOnEnd() {
    boolean goesOn =
        forwardTo(
            number -> {
              if (ENDING.contains(number)) {
                // With the lock held: who wants to hold signals, to begin something, waits.
                System.exit(SIGNALLED + number);
              }
            });
    if (!goesOn) {
      System.exit(endStatus());
    }
  }

  /** The exit status of what was told to end; 0 where nobody has said so. */
  public synchronized int endStatus() {
    return ending == 0 ? 0 : SIGNALLED + ending;
  }

  /**
   * The same, after a moment: a signal that reaches several processes may have ended another one
   * before this one has heard of it.
   */
  public int endStatusSoon() {
    for (int i = 0; i < LOOKS && endStatus() == 0; i++) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return endStatus();
  }

  /** Signals do to this process what they did before. */
  @Override
  public void close() {
    before.forEach(
        (signal, handler) -> {
          try {
            handle.invoke(null, signal, handler);
          } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
