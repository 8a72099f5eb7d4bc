package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.command.CommandFixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What commands say to wrong input: one sentence on standard error, and the right exit code. */
class WrongInputTest {

  @TempDir Path scratch;
  private CommandFixture cairn;
  private Path file;
  private final List<Executable> cases = new ArrayList<>();

  @BeforeEach
  void makeFiles() throws IOException {
    cairn = new CommandFixture(scratch);
    file = Files.writeString(scratch.resolve("file"), "x");
    Files.createDirectory(scratch.resolve("directory"));
    cairn.run("mkdir", "-p", "/d/below", "/e").well();
    cairn.run("put", file.toString(), "/f").well();
  }

  /** The command ends with that code and says one sentence with these words. */
  private void says(int exit, String words, String... command) {
    cases.add(
        () -> {
          Ran ran = cairn.run(command);
          String said = String.join(" ", command) + ": " + ran.err();
          assertEquals(exit, ran.exit(), said);
          assertEquals(1, ran.err().lines().count(), said);
          assertTrue(ran.err().startsWith("cairn"), said);
          assertTrue(ran.err().contains(words), said);
          assertFalse(ran.err().matches("(?s).*(Exception|java\\.|\\bat dev\\.|null).*"), said);
          assertFalse(ran.err().strip().chars().anyMatch(Character::isISOControl), said);
        });
  }

  private void all() {
    assertAll(cases);
  }

  @Test
  void commandsThatDoNotExist_suggestThoseThatAreAlike() {
    says(2, "there is no command 'statsu': did you mean 'status'?", "statsu");
    says(2, "did you mean 'master'?", "mastr");
    says(2, "did you mean 'mount'?", "mountt");
    says(2, "there is no command 'nosuch' (try 'cairn --help')", "nosuch");
    says(2, "there is no command 'nosuch'", "nosuch", "--help");
    says(2, "there is no command ''", "");
    says(2, "which command?");
    says(2, "there is no command 'l?s'", "l\ns");
    says(2, "there is no option '--jsn': did you mean '--json'?", "status", "--jsn");
    says(
        2,
        "there is no option '--recursve': did you mean '--recursive'?",
        "rm",
        "--recursve",
        "/f");
    says(2, "there is no option '--versoin': did you mean '--version'?", "--versoin");
    says(2, "there is no option '--frob'", "ls", "--frob=1");
    says(2, "ls, restore or empty?", "trash");
    says(2, "there is no command 'lst'", "trash", "lst");
    all();
  }

  @Test
  void argumentsThatAreMissingOrTooMany_areNamed() {
    says(2, "PATH is missing", "cat");
    says(2, "PATH is missing", "rm");
    says(2, "at least 2 arguments PATH are needed", "put");
    says(2, "at least 2 arguments PATH are needed", "mv", "/f");
    says(2, "SERVER is missing", "drain");
    says(2, "SERVER is missing", "maintenance", "--for", "30m");
    says(2, "there is one argument too many: 'x'", "status", "x");
    says(2, "--master needs a value: HOST:PORT", "ls", "--master");
    says(2, "should be specified only once", "ls", "--master", "a:1", "--master", "b:2");
    says(2, "--dir and --master exclude each other", "ls", "--master", "a:1", "--dir", "/x");
    all();
  }

  @Test
  void numbersSizesAndTimesThatAreNone_sayWhichFormsAre() {
    says(2, "--jobs takes a whole number, and 'many' is none", "put", "-j", "many", "a", "/b");
    says(2, "--jobs is between 1 and 256", "put", "-j", "-1", "a", "/b");
    says(2, "--jobs is between 1 and 256", "put", "-j", "0", "a", "/b");
    says(2, "a whole number, and '99999999999' is none", "get", "-j", "99999999999", "/f", "x");
    says(2, "--chunkservers takes a whole number", "up", "--chunkservers", "three");
    says(2, "--chunkservers is between 1 and 64", "up", "--chunkservers", "0");
    says(2, "--chunkservers is between 1 and 64", "up", "--chunkservers=-3");
    says(2, "'15B' is not a size: write a number of bytes", "up", "--chunk-size", "15B");
    says(2, "'-1K' is not a size", "up", "--chunk-size=-1K");
    says(2, "'1.5G' is not a size", "up", "--chunk-size", "1.5G");
    says(2, "'' is not a size", "up", "--chunk-size", "");
    says(2, "it is too large", "up", "--chunk-size", "99999999999T");
    says(2, "--mount and --no-mount exclude each other", "up", "--mount", "/m", "--no-mount");
    says(2, "is not a time: write one like", "lease", "/f", "--for", "soon");
    says(2, "is not a time: write one like", "maintenance", "1", "--for", "-5m");
    says(2, "is not an address: write HOST:PORT", "ls", "--master", "nowhere");
    says(2, "is not between 0 and 65535", "ls", "--master", "nowhere:70000");
    says(2, "is not a port number", "ls", "--master", "nowhere:x");
    all();
  }

  @Test
  void pathsThatAreWrong_areNamedAsTheUserWroteThem() throws IOException {
    Path missing = scratch.resolve("none");
    says(1, missing + ": no such file or directory", "put", missing + "", "/x");
    says(1, scratch + ": is a directory (use -r)", "put", scratch + "", "/x");
    says(
        2,
        "'x' is no path in the cluster, where paths begin with '/': did you mean '/x'?",
        "put",
        file + "",
        "x");
    says(2, "the target is empty", "put", file + "", "");
    says(1, "/none/: no such directory", "put", file + "", "/none/");
    says(1, "/f/x: not a directory", "put", file + "", "/f/x");
    says(1, "the directory it would be in does not exist", "get", "/f", missing.resolve("x") + "");
    says(1, missing + "/: no such directory", "get", "/f", missing + "/");
    says(1, "/none: no such file or directory", "get", "/none", scratch + "");
    says(1, "/d: is a directory (use -r)", "get", "/d", scratch + "");
    says(1, "/d: is a directory", "cat", "/d");
    says(1, "/d/: is a directory", "cat", "/d/");
    says(1, "/none: no such file or directory", "cat", "/none");
    says(1, "/none: no such file or directory", "ls", "/none");
    says(1, "a path is empty: the root directory is '/'", "ls", "");
    says(1, "a path is empty", "rm", "");
    says(1, "a path is empty", "cat", "");
    says(1, "/: is the root directory, which cannot be removed", "rm", "-r", "/");
    says(1, "//: is the root directory, which cannot be removed", "rm", "-rf", "//");
    says(1, "/..: is the root directory, which cannot be removed", "rm", "-r", "/..");
    says(1, "/d/..: ends with '.' or '..'", "rm", "-r", "/d/..");
    says(1, "/d: is a directory (use -r)", "rm", "/d");
    says(1, "/none: no such file or directory", "rm", "/none");
    says(1, "/: is the root directory", "mkdir", "/");
    says(1, "/d: already exists", "mkdir", "/d");
    says(1, "/none/x: no such file or directory", "mkdir", "/none/x");
    says(1, "/: is the root directory", "mv", "/", "/e");
    says(1, "/d: cannot be moved into itself", "mv", "/d", "/d/below/x");
    says(1, "/d: cannot be moved into itself", "mv", "/d", "/d");
    says(1, "/none: no such file or directory", "mv", "/none", "/x");
    says(1, "/f: not a directory, and there are several sources", "mv", "/d", "/e", "/f");
    says(1, "/a?b: no such file or directory", "cat", "/a\nb");
    says(1, "no such file or directory", "stat", "/\u001b[31m");
    says(1, "/none: no such file or directory", "du", "/none");
    all();
  }
}
