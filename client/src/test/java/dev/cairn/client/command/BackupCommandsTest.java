package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.command.CommandFixture.Ran;
import dev.cairn.rpc.backup.Sha256;
import dev.cairn.rpc.proto.BackupFile;
import dev.cairn.rpc.proto.BackupHead;
import dev.cairn.rpc.proto.BackupPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cairn backup} and {@code cairn restore} as their users see them. */
final class BackupCommandsTest {

  @TempDir Path scratch;
  private CommandFixture cairn;

  @BeforeEach
  void prepare() {
    cairn = new CommandFixture(scratch);
    cairn.backupPages = List.of(head(), file(), BackupPage.newBuilder().setEnd(true).build());
  }

  private static BackupPage head() {
    return BackupPage.newBuilder()
        .setHead(
            BackupHead.newBuilder()
                .setClusterId("abc")
                .setFormat("cairn master 1")
                .setTaken(1_700_000_000_000_000_000L)
                .setInodes(3)
                .setChunks(2)
                .setFiles(1))
        .build();
  }

  private static BackupPage file() {
    Sha256 digest = new Sha256();
    digest.add(new byte[] {'x'});
    return BackupPage.newBuilder()
        .setBegin(BackupFile.newBuilder().setName("CURRENT").setBytes(1))
        .setPiece(ByteString.copyFromUtf8("x"))
        .setSha256(ByteString.copyFrom(digest.bytes()))
        .build();
  }

  private String target() {
    return scratch.resolve("backup").toString();
  }

  @Test
  void aBackup_isMade_andRestoredToANewDirectory() throws IOException {
    Ran made = cairn.run("backup", target()).well();
    assertEquals(
        List.of(
            "backed up cluster abc as of 2023-11-14T22:13:20Z: 3 inodes, 2 chunks, 1 B in 1 files,"
                + " to "
                + target()),
        made.lines());
    Ran again = cairn.run("backup", target());
    assertEquals(1, again.exit());
    assertTrue(again.err().contains("exists already"), again.err());
    Path data = scratch.resolve("data");
    Ran restored = cairn.run("restore", "--data", data.toString(), target()).well();
    assertTrue(restored.out().contains("cairn resume-deletions"), restored.out());
    assertEquals("x", Files.readString(data.resolve("tables/CURRENT")));
    assertEquals("cairn master 1\n", Files.readString(data.resolve("FORMAT")));
    Ran used = cairn.run("restore", "--data", data.toString(), target());
    assertEquals(1, used.exit());
    assertTrue(used.err().contains("is not empty"), used.err());
  }

  @Test
  void aBackupThatBreaksOff_leavesNothing() {
    cairn.backupPages = List.of(head(), file());
    Ran broken = cairn.run("backup", target());
    assertEquals(1, broken.exit());
    assertFalse(Files.exists(Path.of(target())));
    assertFalse(Files.exists(Path.of(target() + ".part")));
  }

  @Test
  void aDamagedBackup_isNeitherVerifiedNorRestored_andTheFileIsNamed() throws IOException {
    Ran unused = cairn.run("backup", target()).well();
    Files.writeString(Path.of(target(), "tables/CURRENT"), "y");
    Path data = scratch.resolve("data");
    for (Ran refused :
        List.of(
            cairn.run("backup", "--verify", target()),
            cairn.run("restore", "--data", data.toString(), target()))) {
      assertEquals(1, refused.exit());
      assertTrue(refused.err().contains("tables/CURRENT does not match"), refused.err());
    }
    assertFalse(Files.exists(data.resolve("FORMAT")));
    assertFalse(Files.exists(data.resolve("tables")));
    Files.writeString(Path.of(target(), "tables/CURRENT"), "x");
    Ran again = cairn.run("restore", "--data", data.toString(), target()).well();
    assertTrue(again.out().startsWith("restored cluster abc"), again.out());
  }

  @Test
  void theMasterOfALocalCluster_isReplaced_andKeptAside() throws IOException {
    Ran unused = cairn.run("backup", target()).well();
    Path directory = Files.createDirectories(scratch.resolve("cluster/run")).getParent();
    Files.writeString(
        directory.resolve("cluster.conf"), "master-port = 9000\nchunkserver-port = 9001\n");
    Path old = Files.createDirectories(directory.resolve("master"));
    Files.writeString(old.resolve("FORMAT"), "old");
    Ran restored = cairn.run("restore", "--dir", directory.toString(), target()).well();
    assertEquals("cairn master 1\n", Files.readString(directory.resolve("master/FORMAT")));
    String line = restored.lines().get(restored.lines().size() - 1);
    assertTrue(line.startsWith("What the master had before is kept in "), line);
    String aside = line.substring(line.lastIndexOf(' ') + 1, line.length() - 1);
    assertEquals("old", Files.readString(Path.of(aside, "FORMAT")));
  }

  @Test
  void restore_wantsOnePlace() {
    assertEquals(2, cairn.run("restore", target()).exit());
    assertEquals(2, cairn.run("restore", "--data", "a", "--dir", "b", target()).exit());
  }
}
