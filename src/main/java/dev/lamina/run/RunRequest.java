package dev.lamina.run;

import dev.lamina.image.RunSettings;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/**
 * What to run, in which root file system: an image's settings, and what the user wants otherwise.
 * Strings of the user are bytes, each a character (ISO-8859-1), as the command line comes; the
 * image's settings are text.
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
   * @param root the directory that the root file system is mounted at
   */
  public RunRequest(String root, RunSettings settings) {
    this.root = root;
    this.settings = settings;
  }

  /** Instead of the image's; the image's Cmd does not count then. An empty text stands for none. */
  public RunRequest entrypoint(List<String> words) {
    entrypoint = words.equals(List.of("")) ? List.of() : List.copyOf(words);
    return this;
  }

  /** Instead of the image's Cmd; empty for that. */
  public RunRequest command(List<String> words) {
    command = List.copyOf(words);
    return this;
  }

  /**
   * @param variables {@code NAME=VALUE}, or {@code NAME} for the value that this process has, if
   *     any
   */
  public RunRequest environment(List<String> variables) {
    environment = List.copyOf(variables);
    return this;
  }

  /** An absolute path, or one relative to the image's. */
  public RunRequest workingDirectory(String path) {
    workingDirectory = path;
    return this;
  }

  /**
   * @param who {@code USER[:GROUP]}, names of the root file system or numbers
   */
  public RunRequest user(String who) {
    user = who;
    return this;
  }

  /** Otherwise the machine's name, or a name of its own without the machine's network. */
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

  /** The command reads this process's standard input; otherwise it finds none there. */
  public RunRequest interactive(boolean is) {
    interactive = is;
    return this;
  }

  /** The command has a terminal of its own, which this process's, needed for it, stands for. */
  public RunRequest terminal(boolean is) {
    terminal = is;
    return this;
  }

  /** The root file system cannot be changed; volumes can. */
  public RunRequest readOnly(boolean is) {
    readOnly = is;
    return this;
  }

  /** What system calls it can make, with an OCI runtime; without one there is no filter. */
  public RunRequest seccomp(Seccomp wanted) {
    seccomp = wanted;
    return this;
  }

  /** Where the files of a run are kept while it lasts; otherwise /run/lamina. */
  public RunRequest stateDirectory(Path directory) {
    stateDirectory = directory;
    return this;
  }

  /**
   * Letters and digits by which what it leaves is known, should it be killed: {@link AbandonedRun}.
   */
  public RunRequest id(String wanted) {
    id = wanted;
    return this;
  }

  /** A file, not there yet, for what {@link AbandonedRun} must know; it stays the caller's. */
  public RunRequest notes(Path file) {
    notes = file;
    return this;
  }

  /** Standard descriptors of the command other than this process's own, for tests. */
  RunRequest streams(Redirect in, Redirect out, Redirect err) {
    input = in;
    output = out;
    error = err;
    return this;
  }

  /** Null where there is no other than the image's. */
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

  /** Null for the usual one. */
  Path stateDirectory() {
    return stateDirectory;
  }

  /** Null for any. */
  String id() {
    return id;
  }

  /** Null for none. */
  Path notes() {
    return notes;
  }

  /** Gives a program that is to be started the command's standard descriptors. */
  void connect(ProcessBuilder builder) {
    builder.redirectInput(interactive || terminal ? input : NOTHING);
    builder.redirectOutput(output);
    builder.redirectError(error);
  }
}
