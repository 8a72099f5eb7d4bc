package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Python program that a test talks with, line by line. */
final class Program implements AutoCloseable {

  private static final int SECONDS = 120;

  private final Process process;

  private Program(Process process) {
    this.process = process;
  }

  static Program start(String text, Object... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "-c", text));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new Program(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Its next line; null at the end. */
  String says() throws IOException {
    return process.inputReader(StandardCharsets.UTF_8).readLine();
  }

  void tell(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  String asked(String line) throws IOException {
    tell(line);
    return says();
  }

  void endOfInput() throws IOException {
    process.getOutputStream().close();
  }

  long pid() {
    return process.pid();
  }

  /** Waits until it has ended, and well. */
  void ended() throws InterruptedException {
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "it does not end");
    assertEquals(0, process.exitValue());
  }

  /** Whether it waits for a mount: request_wait_answer in fs/fuse/dev.c. */
  boolean isInRequest() throws IOException {
    Path stack = Path.of("/proc", Long.toString(pid()), "stack");
    return Files.readString(stack).contains("request_wait_answer");
  }

  /** Kills it, and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "it does not die");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
