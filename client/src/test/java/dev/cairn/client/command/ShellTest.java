package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.command.CommandFixture.Ran;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jline.reader.Candidate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShellTest {

  @TempDir Path scratch;
  private CommandFixture cairn;

  @BeforeEach
  void makeFixture() {
    cairn = new CommandFixture(scratch);
  }

  private Ran shell(String... lines) {
    cairn.input = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    return cairn.run("shell");
  }

  private List<String> completions(String begun, String... before) {
    ShellCompletion completion =
        new ShellCompletion(
            cairn.surroundings(new Output(new ByteArrayOutputStream(), () -> false)));
    return completion.candidates(List.of(before), begun).stream()
        .map(Candidate::value)
        .sorted()
        .toList();
  }

  @Test
  void lines_areCommands_inTheirOrder() throws IOException {
    Path local = Files.writeString(scratch.resolve("notes"), "three words here");
    Ran ran =
        shell(
            "# a comment",
            "",
            "mkdir -p '/with space/b'",
            "put " + local + " /with\\ space/f",
            "ls \"/with space\"",
            "cat '/with space/f'");
    assertEquals("b\nf\nthree words here", ran.well().out());
  }

  @Test
  void otherWords_areThoseOfTheSystemThisOneIsModelledOn() throws IOException {
    Path local = Files.writeString(scratch.resolve("up"), "x");
    Path back = scratch.resolve("back");
    Ran ran = shell("upload " + local + " /x", "list", "download /x " + back);
    assertEquals(List.of("x"), ran.well().lines());
    assertEquals("x", Files.readString(back));
  }

  @Test
  void aCommandThatFails_doesNotEndTheShell_butShowsInItsExitCode() {
    Ran ran = shell("cat /nope", "nonsense", "mkdir /made", "put - /made/x", "ls 'open");
    assertEquals(1, ran.exit());
    List<String> errors = ran.err().lines().toList();
    assertEquals("cairn cat: /nope: no such file or directory", errors.get(0));
    assertTrue(errors.get(1).contains("nonsense"), errors.get(1));
    assertTrue(errors.get(2).contains("input of the shell"), errors.get(2));
    assertTrue(errors.get(3).contains("left open"), errors.get(3));
    assertEquals(List.of("made"), cairn.run("ls").well().lines());
  }

  @Test
  void exit_leavesTheRestUnread() {
    assertEquals("", shell("exit", "ls /nope").well().out());
  }

  @Test
  void help_isThatOfTheCommand() {
    assertEquals(cairn.run("ls", "--help").out(), shell("help ls").out());
    assertTrue(shell("help").out().contains("undrain"));
  }

  @Test
  void everyLine_goesToTheClusterTheShellWasStartedFor() {
    cairn.input = "ls\n".getBytes(StandardCharsets.UTF_8);
    cairn.run("shell", "--master", "other.example:9500").well();
    assertEquals("other.example:9500", cairn.asked.toString());
  }

  @Test
  void completion_offersCommandsTheirPartsAndOptions() {
    assertTrue(completions("un").containsAll(List.of("undrain", "unlease", "upload", "exit")));
    assertEquals(List.of("empty", "ls", "restore"), completions("", "trash"));
    assertTrue(completions("-", "trash", "restore").contains("--to"));
    assertTrue(completions("", "help").contains("ls"));
    assertEquals(List.of(), completions("", "drain"));
  }

  @Test
  void completion_offersPathsInTheCluster() {
    cairn.run("mkdir", "-p", "/data/deep", "/data/.hidden", "/dot").well();
    assertEquals(List.of("/data/", "/dot/"), completions("/d", "ls", "-l"));
    assertEquals(List.of("/data/deep/"), completions("/data/", "list"));
    assertEquals(List.of("/data/.hidden/"), completions("/data/.", "ls"));
    assertEquals(List.of(), completions("/nowhere/x", "ls"));
  }

  @Test
  void completion_offersLocalPaths_whereACommandTakesThem() throws IOException {
    Files.writeString(scratch.resolve("there.txt"), "");
    cairn.run("mkdir", "/elsewhere").well();
    String begun = scratch + "/th";
    assertEquals(List.of(scratch + "/there.txt"), completions(begun, "put", "-r"));
    assertEquals(List.of(scratch + "/there.txt"), completions(begun, "get", "/elsewhere"));
    assertEquals(List.of("/elsewhere/"), completions("/elsew", "put", "there.txt"));
    assertEquals(List.of("/elsewhere/"), completions("/elsew", "get"));
  }
}
