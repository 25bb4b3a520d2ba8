package dev.lamina.run;

import dev.lamina.image.RunSettings;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/**
 * A request to run a command in a root file system, with the image's settings and the options of
 * the user, which take precedence. The user's strings have one character for each byte
 * (ISO-8859-1), which is the form of the command line; the image's settings are text.
 */
public final class RunRequest {
  private static final Redirect NOTHING = Redirect.from(Path.of("/dev/null").toFile());

  final String root;
  final RunSettings settings;
  private List<String> entrypoint;
  private List<String> command = List.of();
  private List<String> environment = List.of();
  private String workingDirectory = "";
  private String user = "";
  private String hostname = "";
  private List<Volume> volumes = List.of();
  private Network network = Network.HOST;
  private boolean interactive;
  private boolean terminal;
  private boolean readOnly;
  private Seccomp seccomp = Seccomp.DEFAULT;
  private Path stateDirectory;
  private String id;
  private Path notes;
  private Redirect input = Redirect.INHERIT;
  private Redirect output = Redirect.INHERIT;
  private Redirect error = Redirect.INHERIT;

  /**
   * @param root the directory at which the root file system is mounted
   */
  public RunRequest(String root, RunSettings settings) {
    this.root = root;
    this.settings = settings;
  }

  /**
   * Replaces the image's entrypoint. The image's Cmd is not used then. A single empty word means
   * that there is no entrypoint.
   */
  public RunRequest entrypoint(List<String> words) {
    entrypoint = words.equals(List.of("")) ? List.of() : List.copyOf(words);
    return this;
  }

  /** Replaces the image's Cmd, unless the list is empty. */
  public RunRequest command(List<String> words) {
    command = List.copyOf(words);
    return this;
  }

  /**
   * Sets variables of the environment.
   *
   * @param variables {@code NAME=VALUE}, or {@code NAME} for the value in the environment of this
   *     process, if it has one
   */
  public RunRequest environment(List<String> variables) {
    environment = List.copyOf(variables);
    return this;
  }

  /** Sets the working directory, by an absolute path or one relative to the image's. */
  public RunRequest workingDirectory(String path) {
    workingDirectory = path;
    return this;
  }

  /**
   * Sets the user and the group.
   *
   * @param who {@code USER[:GROUP]}, by names that the root file system knows or by number
   */
  public RunRequest user(String who) {
    user = who;
    return this;
  }

  /**
   * Sets the host name. The default is the host's own name with {@link Network#HOST}, and the ID of
   * the run with {@link Network#NONE}.
   */
  public RunRequest hostname(String name) {
    hostname = name;
    return this;
  }

  public RunRequest volumes(List<Volume> all) {
    volumes = List.copyOf(all);
    return this;
  }

  public RunRequest network(Network wanted) {
    network = wanted;
    return this;
  }

  /** Lets the command read the standard input of this process; the default is /dev/null. */
  public RunRequest interactive(boolean is) {
    interactive = is;
    return this;
  }

  /** Gives the command a terminal of its own, connected to the terminal of this process. */
  public RunRequest terminal(boolean is) {
    terminal = is;
    return this;
  }

  /** Makes the root file system read-only; volumes are not affected. */
  public RunRequest readOnly(boolean is) {
    readOnly = is;
    return this;
  }

  /** Sets the filter of system calls, which needs an OCI runtime. */
  public RunRequest seccomp(Seccomp wanted) {
    seccomp = wanted;
    return this;
  }

  /** Sets the directory for the files of runs; the default is /run/lamina. */
  public RunRequest stateDirectory(Path directory) {
    stateDirectory = directory;
    return this;
  }

  /**
   * Sets the ID of the run, of letters and digits, by which {@link AbandonedRun} finds what a
   * killed run has left.
   */
  public RunRequest id(String wanted) {
    id = wanted;
    return this;
  }

  /**
   * Sets the file in which the run records what {@link AbandonedRun} must know. It must not exist
   * yet; the caller removes it.
   */
  public RunRequest notes(Path file) {
    notes = file;
    return this;
  }

  /** Replaces the standard descriptors of the command, for tests. */
  RunRequest streams(Redirect in, Redirect out, Redirect err) {
    input = in;
    output = out;
    error = err;
    return this;
  }

  /** Returns the entrypoint, or null for the image's. */
  List<String> entrypoint() {
    return entrypoint;
  }

  List<String> command() {
    return command;
  }

  List<String> environment() {
    return environment;
  }

  String workingDirectory() {
    return workingDirectory;
  }

  String user() {
    return user;
  }

  String hostname() {
    return hostname;
  }

  List<Volume> volumes() {
    return volumes;
  }

  Network network() {
    return network;
  }

  boolean isTerminal() {
    return terminal;
  }

  boolean isReadOnly() {
    return readOnly;
  }

  Seccomp seccomp() {
    return seccomp;
  }

  /** Returns the directory for the files of runs, or null for the default. */
  Path stateDirectory() {
    return stateDirectory;
  }

  /** Returns the ID, or null if one is to be made. */
  String id() {
    return id;
  }

  /** Returns the file for notes, or null for none. */
  Path notes() {
    return notes;
  }

  /** Sets the standard descriptors of a program that is about to start to those of the command. */
  void connect(ProcessBuilder builder) {
    builder.redirectInput(interactive || terminal ? input : NOTHING);
    builder.redirectOutput(output);
    builder.redirectError(error);
  }
}
