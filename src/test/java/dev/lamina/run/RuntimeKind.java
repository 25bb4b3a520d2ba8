package dev.lamina.run;

/** The kinds of runners. The tests of a runtime that is not installed fail. */
enum RuntimeKind {
  RUNC("runc"),
  CRUN("crun"),
  NONE("none");

  final String runtime;

  RuntimeKind(String runtime) {
    this.runtime = runtime;
  }

  boolean isRuntime() {
    return this != NONE;
  }

  int run(RunRequest request) throws RunException {
    try (SignalForwarder signals = SignalForwarder.start()) {
      return Runner.choose(runtime).run(request, signals);
    }
  }
}
