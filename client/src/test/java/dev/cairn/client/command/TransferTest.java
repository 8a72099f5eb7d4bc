package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.command.CommandFixture.Ran;
import dev.cairn.client.path.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What put carries in, get carries out again: files, trees, permissions, times, odd names. */
class TransferTest {

  @TempDir Path scratch;
  private CommandFixture cairn;

  @BeforeEach
  void makeFixture() {
    cairn = new CommandFixture(scratch);
  }

  private Path file(String name, int bytes, long seed) throws IOException {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return Files.write(scratch.resolve(name), content);
  }

  @Test
  void file_ofManyBlocks_comesBackEqual_withPermissionsAndTime() throws IOException {
    Path source = file("source", (5 << 20) + 4711, 1);
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-x--x"));
    Files.setLastModifiedTime(source, FileTime.fromMillis(1_234_567_890_123L));
    cairn.run("put", "--verify", source.toString(), "/f").well();
    Path back = scratch.resolve("back");
    cairn.run("get", "/f", back.toString()).well();
    assertArrayEquals(Files.readAllBytes(source), Files.readAllBytes(back));
    assertEquals("rwxr-x--x", PosixFilePermissions.toString(Files.getPosixFilePermissions(back)));
    assertEquals(1_234_567_890_123L, Files.getLastModifiedTime(back).toMillis());
    assertEquals(List.of("f"), cairn.run("ls", "-a").well().lines());
  }

  @Test
  void tree_comesBackEqual() throws IOException {
    Path source = makeTree(scratch.resolve("source"), 7);
    cairn.run("put", "-r", source.toString(), "/tree").well();
    Path back = scratch.resolve("back");
    cairn.run("get", "-r", "/tree", back.toString()).well();
    assertEquals(facts(source), facts(back));
  }

  @Test
  void tree_intoADirectory_keepsItsName_andMergesTheSecondTime() throws IOException {
    Path source = makeTree(scratch.resolve("source"), 8);
    cairn.run("mkdir", "/d").well();
    cairn.run("put", "-r", source.toString(), "/d").well();
    cairn.run("put", "-r", source.toString(), "/d").well();
    Path here = Files.createDirectory(scratch.resolve("here"));
    cairn.run("get", "-r", "/d/source", here.toString()).well();
    cairn.run("get", "-r", "/d/source", here.toString()).well();
    assertEquals(facts(source), facts(here.resolve("source")));
  }

  @Test
  void tree_ofDot_goesIntoTheTargetItself() throws IOException {
    Path source = makeTree(scratch.resolve("source"), 9);
    cairn.run("mkdir", "/d").well();
    cairn.run("put", "-r", source + "/.", "/d").well();
    Path here = Files.createDirectory(scratch.resolve("here"));
    cairn.run("get", "-r", "/d/.", here.toString()).well();
    assertEquals(facts(source), facts(here));
  }

  @Test
  void streams_goThroughDash() {
    byte[] content = new byte[(3 << 20) + 5];
    new Random(3).nextBytes(content);
    cairn.input = content;
    cairn.run("put", "-", "/stream").well();
    assertEquals(ByteString.copyFrom(content), cairn.run("get", "/stream", "-").well().bytes());
  }

  @Test
  void several_goIntoADirectoryOnly() throws IOException {
    Path a = file("a", 10, 1);
    Path b = file("b", 10, 2);
    Ran refused = cairn.run("put", a.toString(), b.toString(), "/d");
    assertEquals(1, refused.exit());
    assertEquals("cairn put: /d: no such directory\n", refused.err());
    cairn.run("mkdir", "/d").well();
    cairn.run("put", a.toString(), b.toString(), "/d").well();
    assertEquals(List.of("a", "b"), cairn.run("ls", "/d").well().lines());
    Path here = Files.createDirectory(scratch.resolve("here"));
    cairn.run("get", "/d/a", "/d/b", here.toString()).well();
    assertArrayEquals(Files.readAllBytes(b), Files.readAllBytes(here.resolve("b")));
  }

  @Test
  void directories_areNotReplacedByFiles() throws IOException {
    Path a = file("a", 10, 1);
    cairn.run("mkdir", "-p", "/d/a").well();
    Ran put = cairn.run("put", a.toString(), "/d");
    assertEquals(1, put.exit());
    assertEquals("cairn put: /d/a: is a directory, and a file does not replace one\n", put.err());
    cairn.run("put", a.toString(), "/f").well();
    Path here = Files.createDirectories(scratch.resolve("here").resolve("f"));
    Ran get = cairn.run("get", "/f", here.getParent().toString());
    assertEquals(1, get.exit());
    assertTrue(get.err().contains("is a directory, and a file does not replace one"), get.err());
  }

  @Test
  void directories_needRecursion() throws IOException {
    Path tree = makeTree(scratch.resolve("tree"), 1);
    assertEquals(
        "cairn put: " + tree + ": is a directory (use -r)\n",
        cairn.run("put", tree.toString(), "/t").err());
    cairn.run("mkdir", "/t").well();
    assertEquals(
        "cairn get: /t: is a directory (use -r)\n",
        cairn.run("get", "/t", scratch.resolve("x").toString()).err());
  }

  @Test
  void missingSource_isSaid_andTheOthersGo() throws IOException {
    Path a = file("a", 10, 1);
    cairn.run("mkdir", "/d").well();
    Ran ran = cairn.run("put", scratch.resolve("nope").toString(), a.toString(), "/d");
    assertEquals(1, ran.exit());
    assertEquals(
        "cairn put: " + scratch.resolve("nope") + ": no such file or directory\n", ran.err());
    assertEquals(List.of("a"), cairn.run("ls", "/d").well().lines());
  }

  @Test
  void oneOfATree_thatFails_isCounted_andTheOthersCome() throws IOException {
    Path source = Files.createDirectory(scratch.resolve("source"));
    Files.writeString(source.resolve("well"), "x");
    Files.writeString(source.resolve("blocked"), "x");
    cairn.run("put", "-r", source.toString(), "/t").well();
    Path back = scratch.resolve("back");
    Files.createDirectories(back.resolve("blocked").resolve("below"));
    Ran ran = cairn.run("get", "-r", "/t/.", back.toString());
    assertEquals(1, ran.exit());
    assertEquals(
        "cairn get: "
            + back.resolve("blocked")
            + ": is a directory, and a file does not replace one\n"
            + "cairn get: 1 path failed\n",
        ran.err());
    assertEquals("x", Files.readString(back.resolve("well")));
  }

  @Test
  void failedGet_leavesNothingBehind() throws IOException {
    cairn.run("mkdir", "/d").well();
    Path here = Files.createDirectory(scratch.resolve("here"));
    assertEquals(1, cairn.run("get", "/nope", here.resolve("x").toString()).exit());
    try (Stream<Path> left = Files.list(here)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void get_toADevice_writesToIt() throws IOException {
    cairn.run("put", file("a", 100, 1).toString(), "/a").well();
    cairn.run("get", "/a", "/dev/null").well();
    assertTrue(Files.exists(Path.of("/dev/null")) && !Files.isRegularFile(Path.of("/dev/null")));
  }

  @Test
  void progress_isShownOnATerminalOnly() throws IOException {
    Path a = file("a", 100_000, 1);
    cairn.run("put", a.toString(), "/a").well();
    cairn.terminal = new Surroundings.Terminal(false, false, true, 100);
    String err = cairn.run("put", a.toString(), "/a").err();
    assertTrue(err.contains("100% 97.7 KiB of 97.7 KiB"), err);
    assertEquals("", cairn.run("put", "-q", a.toString(), "/a").err());
  }

  /** A tree with files of all sizes, links, empty directories and names that are no text. */
  private static Path makeTree(Path root, long seed) throws IOException {
    Random random = new Random(seed);
    Files.createDirectory(root);
    for (int d = 0; d < 3; d++) {
      Path directory = Files.createDirectories(root.resolve("dir " + d).resolve("below"));
      for (int f = 0; f < 12; f++) {
        byte[] content = new byte[random.nextInt(4) == 0 ? random.nextInt(1 << 18) : f];
        random.nextBytes(content);
        Path file = Files.write(directory.resolve("f" + f), content);
        Files.setLastModifiedTime(file, FileTime.fromMillis(random.nextInt()));
      }
      Files.setLastModifiedTime(directory, FileTime.fromMillis(random.nextInt()));
    }
    Files.createDirectory(root.resolve("empty"));
    Files.setPosixFilePermissions(
        root.resolve("empty"), PosixFilePermissions.fromString("rwx--x---"));
    Files.write(Names.local(root, Names.bytes("caf\udce9")), new byte[] {1});
    Files.write(Names.local(root, Names.bytes("\u00fcml\u00e4ut \ud83d\ude00")), new byte[] {2});
    Files.createSymbolicLink(root.resolve("link"), Path.of("dir 0/below/f1"));
    Files.createSymbolicLink(root.resolve("dangling"), Names.localTarget(Names.bytes("../\udcff")));
    return root;
  }

  private static Map<String, String> facts(Path root) throws IOException {
    Map<String, String> facts = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        String name = Names.ofLocal(path).substring(Names.ofLocal(root).length());
        if (Files.isSymbolicLink(path)) {
          facts.put(name, "-> " + Names.text(Names.ofTarget(Files.readSymbolicLink(path))));
          continue;
        }
        String content =
            Files.isDirectory(path)
                ? ""
                : Integer.toString(Arrays.hashCode(Files.readAllBytes(path)));
        facts.put(
            name,
            Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)
                + " "
                + Files.getLastModifiedTime(path)
                + " "
                + content);
      }
    }
    return facts;
  }
}
