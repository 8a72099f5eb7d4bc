package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(120)
class UmountCommandTest {

  private final StringWriter said = new StringWriter();

  private int umount(String... arguments) {
    CommandLine line = CommandRunner.commandLine(new UmountCommand());
    line.setErr(new PrintWriter(said, true));
    return line.execute(arguments);
  }

  @Test
  void aDirectoryThatIsNoMountPoint_isRefused(@TempDir Path directory) throws IOException {
    assertEquals(CommandRunner.FAILED, umount(directory.toString()));
    assertEquals(
        "cairn umount: " + directory.toRealPath() + " is not a mount point",
        said.toString().strip());
  }

  @Test
  void somebodyElsesMount_isRefused() {
    assertEquals(CommandRunner.FAILED, umount("/proc"));
    assertTrue(said.toString().contains("not of Cairn"), said.toString());
  }

  @Test
  void aMount_isUnmountedAndItsProcessEnds() throws IOException {
    try (Mounted mounted = Mounted.start("kernel")) {
      assertEquals(CommandRunner.OK, umount(mounted.root().toString()), said.toString());
      assertFalse(mounted.isMounted(mounted.root()));
      Mounted.await("the process ends", () -> !mounted.server().isAlive());
    }
  }

  @Test
  void aBusyMount_saysWhoUsesItAndCanBeUnmountedLazily() throws IOException {
    try (Mounted mounted = Mounted.start("kernel")) {
      Process user = mounted.shell(mounted.root()).start("echo in; exec sleep 60");
      try {
        assertEquals('i', user.getInputStream().read());
        Mounted.await(
            "the shell has become sleep", () -> user.info().command().orElse("").endsWith("sleep"));
        assertEquals(CommandRunner.FAILED, umount(mounted.root().toString()));
        String who = "is in use by sleep (pid " + user.pid() + ")";
        assertTrue(said.toString().contains(who), said.toString());
        assertEquals(CommandRunner.OK, umount("--lazy", mounted.root().toString()));
        assertFalse(mounted.isMounted(mounted.root()));
      } finally {
        user.destroyForcibly();
      }
      Mounted.await("the process ends", () -> !mounted.server().isAlive());
    }
  }
}
