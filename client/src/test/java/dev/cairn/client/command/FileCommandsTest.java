package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.command.CommandFixture.Ran;
import dev.cairn.client.path.Names;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCommandsTest {

  @TempDir Path scratch;
  private CommandFixture cairn;

  @BeforeEach
  void makeFixture() {
    cairn = new CommandFixture(scratch);
  }

  private void write(String path, String content) {
    cairn.input = content.getBytes(StandardCharsets.UTF_8);
    cairn.run("put", "-", path).well();
  }

  @Test
  void ls_showsNamesInOrder_withoutHiddenOnes() {
    write("/b", "");
    write("/a", "");
    write("/.hidden", "");
    assertEquals(List.of("a", "b"), cairn.run("ls").well().lines());
    assertEquals(List.of(".hidden", "a", "b"), cairn.run("ls", "-a", "/").well().lines());
  }

  @Test
  void ls_long_showsModeOwnerSizeAndTarget() {
    write("/file", "12345");
    String line = cairn.run("ls", "-l").well().lines().get(0);
    assertTrue(line.matches("-rw.* 5 \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d file"), line);
  }

  @Test
  void ls_recursive_showsEveryDirectory() {
    cairn.run("mkdir", "-p", "/a/b").well();
    write("/a/b/c", "");
    assertEquals("/:\na\n\n/a:\nb\n\n/a/b:\nc\n", cairn.run("ls", "-R").well().out());
  }

  @Test
  void ls_json_isAnArrayOfPaths() {
    write("/quote\"d", "x");
    String json = cairn.run("ls", "--json").well().out();
    assertTrue(json.contains("\"path\": \"/quote\\\"d\""), json);
    assertTrue(json.contains("\"size\": 1"), json);
  }

  @Test
  void ls_ofNothing_saysSoInOneLine_andListsTheOthers() {
    cairn.run("mkdir", "/there").well();
    write("/there/x", "");
    Ran ran = cairn.run("ls", "/nope", "/there");
    assertEquals(1, ran.exit());
    assertEquals("cairn ls: /nope: no such file or directory\n", ran.err());
    assertTrue(ran.out().contains("x"), ran.out());
  }

  @Test
  void stat_showsTheInodesFacts() {
    write("/f", "abc");
    String out = cairn.run("stat", "/f").well().out();
    assertTrue(out.contains("size  3\n"), out);
    assertTrue(out.contains("type  regular file\n"), out);
    assertTrue(cairn.run("stat", "--json", "/f").well().out().contains("\"size\": 3"), out);
  }

  @Test
  void mkdir_withParents_makesTheWay_andIsNoErrorTwice() {
    cairn.run("mkdir", "-p", "/a/b/c").well();
    cairn.run("mkdir", "-p", "/a/b/c").well();
    assertEquals(List.of("c"), cairn.run("ls", "/a/b").well().lines());
    Ran again = cairn.run("mkdir", "/a/b/c");
    assertEquals(1, again.exit());
    assertEquals("cairn mkdir: /a/b/c: already exists\n", again.err());
  }

  @Test
  void mkdir_belowAFile_isNotADirectory() {
    write("/f", "");
    assertEquals("cairn mkdir: /f/x: not a directory\n", cairn.run("mkdir", "/f/x").err());
    assertEquals(1, cairn.run("mkdir", "-p", "/f/x").exit());
  }

  @Test
  void mkdir_withAMode_givesIt() {
    cairn.run("mkdir", "-m", "700", "/p").well();
    assertTrue(cairn.run("ls", "-ld", "/p").well().out().startsWith("drwx------"));
    assertEquals(2, cairn.run("mkdir", "-m", "rwx", "/q").exit());
  }

  @Test
  void mv_renames_replaces_andMovesIntoDirectories() {
    write("/a", "1");
    write("/b", "2");
    cairn.run("mv", "/a", "/b").well();
    assertEquals("1", cairn.run("cat", "/b").well().out());
    cairn.run("mkdir", "/d").well();
    write("/c", "3");
    cairn.run("mv", "/b", "/c", "/d").well();
    assertEquals(List.of("b", "c"), cairn.run("ls", "/d").well().lines());
  }

  @Test
  void mv_withNoClobber_replacesNothing() {
    write("/a", "1");
    write("/b", "2");
    Ran ran = cairn.run("mv", "-n", "/a", "/b");
    assertEquals(1, ran.exit());
    assertEquals("cairn mv: /b: already exists\n", ran.err());
    assertEquals("2", cairn.run("cat", "/b").well().out());
  }

  @Test
  void mv_ofSeveralOntoAFile_isRefused() {
    write("/a", "");
    write("/b", "");
    write("/c", "");
    assertEquals(1, cairn.run("mv", "/a", "/b", "/c").exit());
    assertEquals(List.of("a", "b", "c"), cairn.run("ls").well().lines());
  }

  @Test
  void rm_removesFiles_andTreesOnlyWhenAsked() {
    cairn.run("mkdir", "-p", "/t/u/v").well();
    for (int i = 0; i < 200; i++) {
      write("/t/u/f" + i, "x");
    }
    Ran refused = cairn.run("rm", "/t");
    assertEquals(1, refused.exit());
    assertEquals("cairn rm: /t: is a directory (use -r)\n", refused.err());
    cairn.run("rm", "-r", "/t").well();
    assertEquals("", cairn.run("ls").well().out());
  }

  @Test
  void rm_ofNothing_isAnErrorUnlessForced() {
    assertEquals(1, cairn.run("rm", "/nope").exit());
    cairn.run("rm", "-f", "/nope", "/nope/below").well();
  }

  @Test
  void rm_ofTheRoot_isRefused() {
    write("/kept", "");
    assertEquals(1, cairn.run("rm", "-rf", "/").exit());
    assertEquals(List.of("kept"), cairn.run("ls").well().lines());
  }

  @Test
  void du_addsUpTrees() {
    cairn.run("mkdir", "-p", "/t/u").well();
    write("/t/u/f", "x".repeat(5000));
    List<String> lines = cairn.run("du", "--json", "-s", "/t").well().lines();
    assertTrue(lines.toString().contains("\"path\": \"/t\""), lines.toString());
    assertEquals(2, cairn.run("du", "/t").well().lines().size());
  }

  @Test
  void df_showsRoomLikeDf() {
    List<String> lines = cairn.run("df", "-h").well().lines();
    assertEquals(2, lines.size());
    assertTrue(lines.get(0).startsWith("Filesystem"), lines.get(0));
    assertTrue(lines.get(1).startsWith("cairn:master.example:9400"), lines.get(1));
  }

  @Test
  void cat_writesFilesInOrder_andNamesWhatFailed() {
    write("/a", "one");
    write("/b", "two");
    Ran ran = cairn.run("cat", "/a", "/nope", "/b");
    assertEquals("onetwo", ran.out());
    assertEquals("cairn cat: /nope: no such file or directory\n", ran.err());
    assertEquals(1, ran.exit());
    assertEquals("cairn cat: /: is a directory\n", cairn.run("cat", "/").err());
  }

  @Test
  void cat_toSomebodyWhoIsGone_endsQuietly() {
    write("/big", "x".repeat(3 << 20));
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Daten\u00fcbergabe unterbrochen");
          }
        };
    var nothing = new ByteArrayOutputStream();
    Ran ran = cairn.run(new Output(broken, () -> true), nothing, "cat", "/big");
    assertEquals("", ran.err());
    assertEquals(141, ran.exit());
    Ran toFile = cairn.run(new Output(broken, () -> false), nothing, "cat", "/big");
    assertTrue(toFile.err().contains("cannot write the output"), toFile.err());
    assertEquals(1, toFile.exit());
  }

  @Test
  void names_thatAreNoText_surviveCommandLineAndListing() {
    String name = "caf\udce9 \u00fc";
    write("/" + name, "x");
    assertEquals(Names.bytes(name + "\n"), cairn.run("ls").well().bytes());
    assertEquals("x", cairn.run("cat", "/" + name).well().out());
  }

  @Test
  void names_thatWouldSteerATerminal_areShownHarmless() {
    write("/evil\u001b[2J", "");
    cairn.terminal = new Surroundings.Terminal(false, true, false, 80);
    assertEquals("evil?[2J\n", cairn.run("ls").well().out());
  }

  @Test
  void symlinks_areFollowedOnTheWay_andInLoopsGivenUp() throws IOException {
    cairn.run("mkdir", "/real").well();
    write("/real/f", "x");
    Path link = scratch.resolve("link");
    java.nio.file.Files.createSymbolicLink(link, Path.of("/real"));
    java.nio.file.Files.createSymbolicLink(scratch.resolve("loop"), Path.of("loop"));
    cairn.run("put", "-r", link.toString(), scratch.resolve("loop").toString(), "/").well();
    assertEquals("x", cairn.run("cat", "/link/f").well().out());
    assertEquals("x", cairn.run("cat", "/link/../real/./f").well().out());
    assertEquals("cairn cat: /loop: too many symbolic links\n", cairn.run("cat", "/loop").err());
    assertTrue(cairn.run("ls", "-l", "/").well().out().contains("link -> /real"));
  }

  @Test
  void everyCommand_leavesNoHandleOpen() {
    write("/a", "x");
    cairn.run("ls", "-lR").well();
    cairn.run("cat", "/a").well();
    assertEquals(0, cairn.cluster.openHandles());
  }

  @Test
  void usage_isExitCode2_andNamesTheWayOut() {
    for (String[] wrong :
        List.of(
            new String[] {},
            new String[] {"frobnicate"},
            new String[] {"ls", "--frob"},
            new String[] {"cat"},
            new String[] {"put", "x"},
            new String[] {"mv", "/a"},
            new String[] {"ls", "--master", "nowhere"})) {
      Ran ran = cairn.run(wrong);
      assertEquals(2, ran.exit(), ran.err());
      assertEquals(1, ran.err().lines().count(), ran.err());
      assertTrue(ran.err().contains("--help"), ran.err());
    }
  }

  @Test
  void help_ofEveryCommand_showsExamples() {
    for (String command :
        List.of(
            "up", "down", "status", "put", "get", "cat", "ls", "stat", "mkdir", "mv", "rm", "du",
            "df", "servers")) {
      ByteArrayOutputStream shown = new ByteArrayOutputStream();
      picocli.CommandLine line =
          CairnCommand.commandLine(
              cairn.surroundings(new Output(shown, () -> false)), List.of(command));
      java.io.StringWriter out = new java.io.StringWriter();
      line.setOut(new java.io.PrintWriter(out, true));
      assertEquals(0, line.execute(command, "--help"));
      assertTrue(out.toString().contains("Examples:"), out.toString());
      assertTrue(out.toString().contains("  cairn " + command), out.toString());
    }
  }

  @Test
  void master_isThatOfTheOption_elseOfTheEnvironment_elseAQuestion() {
    cairn.run("ls", "--master", "other.example:1").well();
    assertEquals("other.example:1", cairn.asked.toString());
    cairn.run("ls").well();
    assertEquals("master.example:9400", cairn.asked.toString());
    cairn.environment = java.util.Map.of();
    Ran ran = cairn.run("ls");
    assertEquals(2, ran.exit());
    assertTrue(ran.err().startsWith("cairn ls: which cluster?"), ran.err());
    assertFalse(ran.err().contains("Exception"), ran.err());
  }
}
