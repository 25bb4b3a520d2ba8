package dev.lamina.fuse.libfuse;

import dev.lamina.sys.ErrnoException;

/** The types of operations, by number of native arguments. */
final class Operation {
  private Operation() {}

  interface One {
    int apply(Request request, long a) throws ErrnoException;
  }

  interface Two {
    int apply(Request request, long a, long b) throws ErrnoException;
  }

  interface Three {
    int apply(Request request, long a, long b, long c) throws ErrnoException;
  }

  interface Four {
    int apply(Request request, long a, long b, long c, long d) throws ErrnoException;
  }

  interface Five {
    int apply(Request request, long a, long b, long c, long d, long e) throws ErrnoException;
  }
}
