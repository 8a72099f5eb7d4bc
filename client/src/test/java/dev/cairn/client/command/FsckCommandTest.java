package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.command.CommandFixture.Ran;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.Finding;
import dev.cairn.rpc.proto.FindingKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FsckCommandTest {

  private static final CheckPage END =
      CheckPage.newBuilder()
          .setInodes(3)
          .setNames(2)
          .setExtents(1200)
          .setChunks(7)
          .setEnd(true)
          .build();

  @TempDir Path scratch;
  private CommandFixture cairn;

  @BeforeEach
  void makeFixture() {
    cairn = new CommandFixture(scratch);
  }

  private static CheckPage page(boolean repaired) {
    Finding finding =
        Finding.newBuilder()
            .setKind(FindingKind.DANGLING_NAME)
            .setPath(ByteString.copyFromUtf8("/a/b"))
            .setWhat("it names inode 9, which is not there")
            .setAdvice("'cairn fsck --repair' removes the name")
            .setRepairable(true)
            .setRepaired(repaired)
            .build();
    return CheckPage.newBuilder().addFindings(finding).build();
  }

  @Test
  void fsck_ofWhatIsWell_isOneLine() {
    cairn.checkPages = List.of(END);
    assertEquals(
        "checked 3 inodes, 2 names, 1,200 extents, 7 chunks: nothing is wrong\n",
        cairn.run("fsck").well().out());
  }

  @Test
  void fsck_withAFinding_saysWhereWhatAndWhatToDo_andFails() {
    cairn.checkPages = List.of(page(false), END);
    Ran ran = cairn.run("fsck", "/a");
    assertEquals(1, ran.exit());
    assertEquals(
        "/a/b: it names inode 9, which is not there; 'cairn fsck --repair' removes the name",
        ran.lines().get(0));
    assertTrue(ran.lines().get(1).endsWith(": 1 problem, 1 of them can be repaired with --repair"));
    assertEquals("/a", cairn.checkRequest.getPath().toStringUtf8());
  }

  @Test
  void fsck_thatRepairedEverything_succeeds() {
    cairn.checkPages = List.of(page(true), END);
    Ran ran = cairn.run("fsck", "--repair").well();
    assertTrue(cairn.checkRequest.getRepair());
    assertEquals("/a/b: it names inode 9, which is not there; repaired", ran.lines().get(0));
    assertTrue(ran.lines().get(1).endsWith(": 1 problem, 1 repaired"), ran.out());
  }

  @Test
  void fsck_json_hasTheFindings() {
    cairn.checkPages = List.of(page(false), END);
    String json = cairn.run("fsck", "--json").out();
    assertTrue(json.contains("\"kind\": \"dangling_name\""), json);
    assertTrue(json.contains("\"problems\": 1"), json);
  }

  @Test
  void fsck_read_readsEveryFileBelow() {
    cairn.input = "hello".getBytes(StandardCharsets.UTF_8);
    cairn.run("mkdir", "/d").well();
    cairn.run("put", "-", "/d/f").well();
    cairn.checkPages = List.of(END);
    assertTrue(cairn.run("fsck", "--read").well().out().contains("read 1 file, 5 bytes"));
  }
}
