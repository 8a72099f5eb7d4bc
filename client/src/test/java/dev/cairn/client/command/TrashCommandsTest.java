package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.cluster.Trash;
import dev.cairn.client.command.CommandFixture.Ran;
import dev.cairn.rpc.PathComponents;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.FindTrashReply;
import dev.cairn.rpc.proto.ListTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.TrashEntry;
import dev.cairn.rpc.proto.TrashOutcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of the trash. */
class TrashCommandsTest {

  @TempDir Path scratch;
  private CommandFixture cairn;
  private final FakeTrash trash = new FakeTrash();

  @BeforeEach
  void makeFixture() {
    cairn = new CommandFixture(scratch);
    cairn.trash = trash;
  }

  /** A list of entries, of which those that are in the way cannot be restored. */
  private static final class FakeTrash implements Trash {

    private final List<TrashEntry> entries = new ArrayList<>();
    private final List<Long> inTheWay = new ArrayList<>();
    private FindTrashReply found = FindTrashReply.getDefaultInstance();

    void add(long inode, String path) {
      entries.add(
          TrashEntry.newBuilder()
              .setAttributes(Attributes.newBuilder().setInode(inode).setType(FileType.REGULAR))
              .setPath(ByteString.copyFromUtf8(path))
              .build());
    }

    @Override
    public ListTrashReply page(ListTrashRequest request) {
      ListTrashReply.Builder reply = ListTrashReply.newBuilder().setEnd(true);
      List<ByteString> wanted = PathComponents.of(request.getPath());
      for (TrashEntry entry : entries) {
        List<ByteString> path = PathComponents.of(entry.getPath());
        if (path.size() >= wanted.size() && path.subList(0, wanted.size()).equals(wanted)) {
          reply.addEntries(entry);
        }
      }
      return reply.build();
    }

    @Override
    public FindTrashReply find(ByteString path) {
      return found;
    }

    @Override
    public List<TrashOutcome> restore(RestoreTrashRequest request) {
      return request.getInodesList().stream().map(this::outcome).toList();
    }

    private TrashOutcome outcome(long inode) {
      TrashOutcome.Builder outcome = TrashOutcome.newBuilder().setInode(inode);
      if (inTheWay.contains(inode)) {
        outcome.setCode(ErrorCode.EXISTS.number()).setMessage("a exists there");
      } else if (entries.stream().noneMatch(e -> e.getAttributes().getInode() == inode)) {
        outcome.setCode(ErrorCode.NO_ENTRY.number()).setMessage("there is no such entry");
      }
      return outcome.build();
    }

    @Override
    public int empty(List<Long> inodes) {
      int before = entries.size();
      entries.removeIf(entry -> inodes.contains(entry.getAttributes().getInode()));
      return before - entries.size();
    }

    @Override
    public void close() {}
  }

  @Test
  void restoringWhatIsNotInTheTrash_fails() {
    Ran ran = cairn.run("trash", "restore", "1");
    assertEquals(1, ran.exit());
    assertEquals("cairn trash restore: 1: there is no such entry\n", ran.err());
    assertEquals(1, cairn.run("trash", "restore", "/nowhere").exit());
  }

  @Test
  void emptyPaths_areWrongUsage() {
    trash.add(474, "/a");
    assertEquals(2, cairn.run("trash", "restore", "474", "--to", "").exit());
    assertEquals(2, cairn.run("trash", "restore", "").exit());
    assertEquals(2, cairn.run("trash", "empty", "").exit());
    assertEquals(1, trash.entries.size());
  }

  @Test
  void pathOfADirectoryThatWasMadeAgain_findsWhatIsListed() {
    trash.add(474, "/q/d/a");
    trash.inTheWay.add(474L);
    Ran ran = cairn.run("trash", "restore", "/q//d/a");
    assertEquals(1, ran.exit());
    assertEquals(
        "cairn trash restore: /q//d/a: a exists there (--to puts it elsewhere)\n", ran.err());
  }

  @Test
  void whatStaysInTheTrash_isNamed() {
    trash.add(474, "/q/d/a");
    trash.add(475, "/q/d/b");
    trash.inTheWay.add(474L);
    trash.found = FindTrashReply.newBuilder().setInode(9).setType(FileType.DIRECTORY).build();
    Ran ran = cairn.run("trash", "restore", "/q/d");
    assertEquals(1, ran.exit());
    assertEquals("cairn trash restore: /q/d/a (entry 474): a exists there\n", ran.err());
    assertEquals(List.of("restored 1 entry", "1 could not be restored"), ran.lines());
  }

  @Test
  void emptyingWhatIsNotThere_fails() {
    trash.add(474, "/a");
    Ran ran = cairn.run("trash", "empty", "/nonexist");
    assertEquals(1, ran.exit());
    assertTrue(ran.err().endsWith("nothing that was at or below it is in the trash\n"), ran.err());
    assertEquals("let go of 1 entry", cairn.run("trash", "empty", "/a").well().lines().get(0));
    assertEquals("let go of 0 entries\n", cairn.run("trash", "empty", "--all").well().out());
  }

  @Test
  void namesWithNewlines_forgeNoLines_andJsonIsAnObjectPerLine() {
    trash.add(474, "/a\n   475  forged");
    List<String> lines = cairn.run("trash", "ls").well().lines();
    assertEquals(1, lines.size());
    assertTrue(lines.get(0).endsWith("  /a\\n   475  forged"), lines.get(0));
    List<String> json = cairn.run("trash", "ls", "--json").well().lines();
    assertEquals(1, json.size());
    assertTrue(json.get(0).startsWith("{\"entry\": 474, \"path\": \"/a\\u000a"), json.get(0));
  }
}
