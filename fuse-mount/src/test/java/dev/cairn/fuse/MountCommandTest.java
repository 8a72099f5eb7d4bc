package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command refuses before it connects with anything. */
class MountCommandTest {

  @TempDir Path directory;

  private final StringWriter said = new StringWriter();

  private int mount(String... arguments) {
    CommandLine line = CommandRunner.commandLine(new MountCommand());
    line.setErr(new PrintWriter(said, true));
    return line.execute(arguments);
  }

  private void assertRefused(int status, String sentence, String... arguments) {
    assertEquals(status, mount(arguments));
    String hint = status == CommandRunner.USAGE ? " (try 'cairn mount --help')" : "";
    assertEquals("cairn mount: " + sentence + hint, said.toString().strip());
  }

  @Test
  void aMissingMountPoint_isRefused() {
    Path missing = directory.resolve("missing");
    assertRefused(
        CommandRunner.FAILED,
        "the mount point " + missing + " does not exist: make the directory first",
        "127.0.0.1:1",
        missing.toString());
  }

  @Test
  void anUnreadableAddress_isAUsageError() {
    assertRefused(
        CommandRunner.USAGE,
        "'here' is not an address: write HOST:PORT",
        "--master",
        "here",
        directory.toString());
  }

  @Test
  void anEmptyMountPoint_isNotTheWorkingDirectory() {
    assertRefused(
        CommandRunner.USAGE, "the mount point is empty: name a directory", "127.0.0.1:1", "");
  }

  @Test
  void aLogThatCannotBeWritten_isRefusedBeforeTheMasterIsAwaited() throws IOException {
    Path mountPoint = Files.createDirectory(directory.resolve("mount"));
    Path log = directory.resolve("missing").resolve("log");
    assertRefused(
        CommandRunner.FAILED,
        log + ": no such file or directory",
        "127.0.0.1:1",
        mountPoint.toString(),
        "--log",
        log.toString());
  }

  @Test
  void twoMountPoints_areAUsageError() {
    assertRefused(2, "one mount point too many: /two", "localhost:1", "/one", "/two");
  }

  @Test
  void anUnknownBinding_isAUsageError() {
    assertRefused(
        CommandRunner.USAGE,
        "there is no binding 'fast': write kernel, jnr-fuse or auto",
        "127.0.0.1:1",
        directory.toString(),
        "--binding",
        "fast");
  }

  @Test
  void anUnknownOption_isAUsageError() {
    assertRefused(
        CommandRunner.USAGE,
        "there is no mount option 'fast'",
        "127.0.0.1:1",
        directory.toString(),
        "-o",
        "rw,fast");
  }

  @Test
  void ownFilesUnderTheMountPoint_areRefused() {
    for (String option : new String[] {"--log", "--pid-file", "--ready-file"}) {
      Path file = directory.resolve("file");
      assertEquals(
          CommandRunner.FAILED, mount("127.0.0.1:1", directory.toString(), option, "" + file));
      assertFalse(file.toFile().exists());
    }
    assertEquals(
        3, said.toString().lines().filter(l -> l.contains("lies under the mount")).count());
  }
}
