package dev.lamina.run;

/** Every way to run a command. One that is not installed fails its tests. */
enum Way {
  RUNC("runc"),
  CRUN("crun"),
  NONE("none");

  final String runtime;

  Way(String runtime) {
    this.runtime = runtime;
  }

  boolean isRuntime() {
    return this != NONE;
  }

  Runner runner() throws RunException {
    return Runner.choose(runtime);
  }
}
