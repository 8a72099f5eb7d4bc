package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command says to wrong settings: one sentence that names what is wrong. */
final class MasterCommandTest {

  private static final String HINT = " (try 'cairn master --help')";

  @TempDir Path scratch;
  private String data;

  @BeforeEach
  void nameData() {
    data = scratch.resolve("data").toString();
  }

  private static void says(int status, String sentence, String... arguments) {
    StringWriter said = new StringWriter();
    CommandLine line = CommandRunner.commandLine(new MasterCommand());
    line.setErr(new PrintWriter(said, true));
    assertEquals(status, line.execute(arguments), said.toString());
    String hint = status == CommandRunner.USAGE ? HINT : "";
    assertEquals("cairn master: " + sentence + hint, said.toString().strip());
  }

  private static void refuses(String sentence, String data, String listen) {
    says(CommandRunner.FAILED, sentence, "--data", data, "--listen", listen);
  }

  @Test
  void anAddressThatCannotBeListenedAt_isNamedWithTheReason() throws IOException {
    refuses(
        "cannot listen at nohost.invalid:9420: the host 'nohost.invalid' is not known",
        data,
        "nohost.invalid:9420");
    // Of the block that is for documents: no machine has it.
    refuses(
        "cannot listen at 192.0.2.1:9420: cannot assign requested address", data, "192.0.2.1:9420");
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String taken = "127.0.0.1:" + other.getLocalPort();
      refuses("cannot listen at " + taken + ": address already in use", data, taken);
    }
  }

  @Test
  void aDirectoryThatCannotBeMade_isNamedWithTheReason() throws IOException {
    Path file = Files.writeString(scratch.resolve("file"), "x");
    refuses(
        "the data directory " + file + " cannot be made: " + file + " is not a directory",
        file.toString(),
        "127.0.0.1:0");
    Path below = file.resolve("below");
    refuses(
        "the data directory " + below + " cannot be made: " + file + " is not a directory",
        below.toString(),
        "127.0.0.1:0");
  }

  @Test
  void anEmptyDirectoryName_isNotTheWorkingDirectory() {
    says(CommandRunner.USAGE, "--data: a path is empty", "--data", "", "--listen", "127.0.0.1:0");
  }

  @Test
  void anOptionWrittenWrongly_isNamedAndNotTheOneThatIsMissing() {
    says(
        CommandRunner.USAGE,
        "there is no option '--listn': did you mean '--listen'?",
        "--data",
        data,
        "--listn",
        "127.0.0.1:0");
    assertTrue(Files.notExists(Path.of(data)));
  }
}
