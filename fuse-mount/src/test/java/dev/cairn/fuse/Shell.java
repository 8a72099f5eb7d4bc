package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A shell in a directory: runs scripts, and fails a test with all they said. */
final class Shell {

  private static final long PATIENCE_SECONDS = 110;

  /** What a script came to. */
  record Result(int status, String output) {}

  private final Path directory;
  private final Supplier<String> log;

  Shell(Path directory, Supplier<String> log) {
    this.directory = directory;
    this.log = log;
  }

  /** Starts a script, whose standard error joins its output. */
  Process start(String script) {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", script)
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Result run(String script) {
    Process process = start(script);
    CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process));
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        fail("'" + script + "' does not end; the mount says:\n" + log.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Result(process.exitValue(), output.join());
  }

  private static String read(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a script that must succeed; answers what it said, without the last newline. */
  String check(String script) {
    Result result = run("set -e\n" + script);
    assertEquals(
        0,
        result.status(),
        () -> script + "\nsays: " + result.output() + "\nthe mount says: " + log.get());
    return result.output().stripTrailing();
  }

  /** Runs a script that must fail saying so. */
  void refuses(String script, String because) {
    Result result = run(script);
    assertNotEquals(0, result.status(), () -> script + " succeeded");
    if (!result.output().contains(because)) {
      fail("'" + script + "' did not say '" + because + "' but: " + result.output());
    }
  }
}
