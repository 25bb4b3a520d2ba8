package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.FuseException;

/** What an operation does for a request, by number of native arguments. */
final class Operation {
  private Operation() {}

  interface One {
    int apply(Request request, long a) throws FuseException;
  }

  interface Two {
    int apply(Request request, long a, long b) throws FuseException;
  }

  interface Three {
    int apply(Request request, long a, long b, long c) throws FuseException;
  }

  interface Four {
    int apply(Request request, long a, long b, long c, long d) throws FuseException;
  }

  interface Five {
    int apply(Request request, long a, long b, long c, long d, long e) throws FuseException;
  }
}
