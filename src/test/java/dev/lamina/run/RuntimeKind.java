package dev.lamina.run;

/** Every way to run a command. One that is not installed fails its tests. */
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
