package dev.cairn.client.local;

import dev.cairn.rpc.error.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts processes of ours by way of the launcher script, each in a session of its own. */
public final class Launcher {

  private static final String PROPERTY = "cairn.launcher";
  private static final File NOTHING = new File("/dev/null");

  private final Path script;

  public Launcher(Path script) {
    this.script = script;
  }

  /** The script this process was started by, which says so in a system property. */
  public static Launcher ofThisProcess() throws IOException {
    String script = System.getProperty(PROPERTY);
    if (script == null) {
      throw ErrorCode.INVALID.because(
          "processes are started by the launcher: run this command as scripts/cairn");
    }
    return new Launcher(Path.of(script));
  }

  /**
   * Starts a command in the background. The number of the process is that of the command itself,
   * since each program on the way to it is replaced by the next.
   */
  Process background(List<String> arguments, Path log) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(isOnPath("setsid") ? "setsid" : "nohup");
    line.add(script.toString());
    line.addAll(arguments);
    return elsewhere(line)
        .redirectInput(NOTHING)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /** Starts a command whose errors go where this process's go. */
  Process foreground(List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(script.toString());
    line.addAll(arguments);
    return elsewhere(line)
        .redirectInput(NOTHING)
        .redirectOutput(NOTHING)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Runs a command whose output and errors go where this process's go; answers its exit code. */
  public int run(List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(script.toString());
    line.addAll(arguments);
    Process process = elsewhere(line).redirectInput(NOTHING).inheritIO().start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw ErrorCode.INTERRUPTED.because("interrupted", e);
    }
  }

  /**
   * A process that does not depend on where this one was started: that may be the very mount whose
   * master it is to be, and a shell looks at its directory first of all.
   */
  private static ProcessBuilder elsewhere(List<String> line) {
    ProcessBuilder builder = new ProcessBuilder(line).directory(new File("/"));
    Map<String, String> environment = builder.environment();
    environment.put("PWD", "/");
    environment.remove("OLDPWD");
    environment.remove("CAIRN_MASTER");
    // What this process runs from is built, and need not be checked again.
    environment.put("CAIRN_BUILT", "1");
    return builder;
  }

  /** Whether a program of that name can be run. */
  static boolean isOnPath(String program) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }
}
