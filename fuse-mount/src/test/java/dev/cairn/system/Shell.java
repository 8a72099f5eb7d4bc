package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs with a deadline, among them the launcher of the tree under test. */
public final class Shell {

  private static final int SECONDS = 120;

  private final Path home;

  /**
   * @param home where the state and the output of what runs may be put
   */
  public Shell(Path home) {
    this.home = home;
  }

  /** What a program did. */
  public record Ran(List<String> command, int exit, String out, String err) {

    public Ran well() {
      assertEquals(0, exit, this::toString);
      return this;
    }

    List<String> lines() {
      return out.lines().toList();
    }

    String lastLine() {
      return lines().get(lines().size() - 1);
    }
  }

  /** Runs {@code scripts/cairn} on the JDK of this test. */
  public Ran cairn(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(launcher().toString());
    command.addAll(List.of(arguments));
    return run(command);
  }

  Ran run(List<String> command) throws IOException, InterruptedException {
    Path out = Files.createTempFile(home, "out", "");
    Path err = Files.createTempFile(home, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("CAIRN_BUILT", "by Maven, before these tests");
    // What lives for seconds is over before the second compiler has paid.
    builder.environment().put("CAIRN_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_STATE_HOME", home.resolve("state").toString());
    builder.environment().remove("CAIRN_MASTER");
    Process process = builder.start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      // What it waits for would go on, and hold on to a mount or a port.
      List<ProcessHandle> started = process.descendants().toList();
      process.destroyForcibly();
      started.forEach(ProcessHandle::destroyForcibly);
    }
    assertTrue(
        process.waitFor(SECONDS, TimeUnit.SECONDS), () -> command + " cannot even be killed");
    Ran ran = new Ran(command, process.exitValue(), Files.readString(out), Files.readString(err));
    Files.delete(out);
    Files.delete(err);
    return ran;
  }

  /** The launcher of the source tree this test is in. */
  static Path launcher() throws IOException {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isExecutable(directory.resolve("scripts/cairn"))) {
      directory = directory.getParent();
    }
    return directory.resolve("scripts/cairn").toRealPath();
  }
}
