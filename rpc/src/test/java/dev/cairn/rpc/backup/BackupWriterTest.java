package dev.cairn.rpc.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.proto.BackupFile;
import dev.cairn.rpc.proto.BackupHead;
import dev.cairn.rpc.proto.BackupPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Backups as directories: written, read, damaged, interrupted. */
final class BackupWriterTest {

  private static final BackupHead HEAD =
      BackupHead.newBuilder()
          .setClusterId("cluster-1")
          .setVersion("1.2.3")
          .setFormat("cairn master 1")
          .setTaken(1_700_000_000_123_456_789L)
          .setSequence(77)
          .setInodes(5)
          .setChunks(6)
          .setFiles(2)
          .setBytes(12)
          .build();

  @TempDir Path directory;

  private Path target() {
    return directory.resolve("some").resolve("backup");
  }

  private static BackupPage.Builder begin(String name, long bytes) {
    return BackupPage.newBuilder().setBegin(BackupFile.newBuilder().setName(name).setBytes(bytes));
  }

  private static BackupPage head() {
    return BackupPage.newBuilder().setHead(HEAD).build();
  }

  private static ByteString sha256(String content) {
    Sha256 digest = new Sha256();
    digest.add(content.getBytes(StandardCharsets.UTF_8));
    return ByteString.copyFrom(digest.bytes());
  }

  private static BackupPage whole(String name, String content) {
    return begin(name, content.length())
        .setPiece(ByteString.copyFromUtf8(content))
        .setSha256(sha256(content))
        .build();
  }

  private static BackupPage end() {
    return BackupPage.newBuilder().setEnd(true).build();
  }

  private Manifest write() throws IOException {
    try (BackupWriter writer = BackupWriter.to(target())) {
      writer.take(head());
      writer.take(begin("000001.sst", 12).setPiece(ByteString.copyFromUtf8("first ")).build());
      writer.take(BackupPage.newBuilder().setPiece(ByteString.copyFromUtf8("second")).build());
      writer.take(BackupPage.newBuilder().setSha256(sha256("first second")).build());
      writer.take(whole("CURRENT", ""));
      writer.take(end());
      return writer.manifest();
    }
  }

  private void assertNothingIsLeft() throws IOException {
    assertFalse(Files.exists(target()));
    if (Files.exists(target().getParent())) {
      try (Stream<Path> left = Files.list(target().getParent())) {
        assertEquals(List.of(), left.toList());
      }
    }
  }

  private static void assertRefused(String part, Executable action) {
    IOException why = assertThrows(IOException.class, action);
    assertTrue(why.getMessage().contains(part), why.getMessage());
  }

  @Test
  void aBackup_isReadAsItWasWritten() throws IOException {
    Manifest written = write();
    Backup backup = Backup.in(target());
    backup.verify();
    assertEquals(written, backup.manifest());
    assertEquals(HEAD, backup.manifest().head());
    backup.copyTables(directory.resolve("copy"));
    assertEquals("first second", Files.readString(directory.resolve("copy/000001.sst")));
    assertEquals("", Files.readString(directory.resolve("copy/CURRENT")));
    assertThrows(FileAlreadyExistsException.class, () -> BackupWriter.to(target()));
    backup.verify();
  }

  @Test
  void anInterruptedBackup_leavesNothing() throws IOException {
    List<BackupPage> pages = List.of(head(), whole("a", "content"), whole("CURRENT", ""), end());
    for (int taken = 0; taken < pages.size(); taken++) {
      try (BackupWriter writer = BackupWriter.to(target())) {
        for (BackupPage page : pages.subList(0, taken)) {
          writer.take(page);
        }
        assertThrows(IOException.class, writer::manifest);
      }
      assertNothingIsLeft();
    }
  }

  @Test
  void whatAKilledProcessLeft_isNoBackup_andDoesNotHinderTheNext() throws IOException {
    Path part = Files.createDirectories(target().resolveSibling("backup.part/tables")).getParent();
    Files.writeString(part.resolve("tables/000009.sst"), "left");
    Files.writeString(part.resolve("MANIFEST"), "left");
    assertRefused("not finished", () -> Backup.in(part));
    write();
    Backup.in(target()).verify();
    assertFalse(Files.exists(part));
    Files.createDirectories(part);
    BackupWriter.removeUnfinished(part);
    assertFalse(Files.exists(part));
  }

  @Test
  void twoAtATime_areNotWrittenToOnePlace() throws IOException {
    try (BackupWriter first = BackupWriter.to(target())) {
      assertRefused("another backup", () -> BackupWriter.to(target()));
      BackupWriter.removeUnfinished(target().resolveSibling("backup.part"));
      first.take(head());
      first.take(whole("a", "content"));
      first.take(whole("CURRENT", ""));
      first.take(end());
    }
    Backup.in(target()).verify();
  }

  @Test
  void pagesThatDoNotFitTogether_areRefused() throws IOException {
    List<List<BackupPage>> broken =
        List.of(
            List.of(head(), whole("../a", "content")),
            List.of(head(), whole("", "content")),
            List.of(head(), whole("a/b", "content")),
            List.of(head(), whole(".hidden", "content")),
            List.of(head(), whole("a", "content"), whole("a", "content")),
            List.of(head(), begin("a", -1).build()),
            List.of(head(), begin("a", 5).build(), begin("b", 5).build()),
            List.of(head(), begin("a", 5).setPiece(ByteString.copyFromUtf8("longer")).build()),
            List.of(head(), begin("a", 5).setSha256(sha256("")).build()),
            List.of(
                head(),
                begin("a", 1)
                    .setPiece(ByteString.copyFromUtf8("x"))
                    .setSha256(sha256("y"))
                    .build()),
            List.of(BackupPage.newBuilder().setPiece(ByteString.copyFromUtf8("x")).build()),
            List.of(head(), end()),
            List.of(head(), whole("a", ""), begin("b", 1).build(), end()),
            List.of(whole("a", ""), whole("b", ""), end()));
    for (List<BackupPage> pages : broken) {
      try (BackupWriter writer = BackupWriter.to(target())) {
        assertThrows(
            IOException.class,
            () -> {
              for (BackupPage page : pages) {
                writer.take(page);
              }
            },
            pages::toString);
      }
      assertNothingIsLeft();
    }
  }

  @Test
  void everyDamage_isFound_andNamed() throws IOException {
    write();
    Path table = target().resolve("tables/000001.sst");
    byte[] sound = Files.readAllBytes(table);
    for (int at = 0; at < sound.length; at++) {
      byte[] damaged = sound.clone();
      damaged[at] ^= 1;
      Files.write(table, damaged);
      assertRefused("000001.sst does not match", () -> Backup.in(target()).verify());
      Path copy = directory.resolve("copy-" + at);
      assertRefused("000001.sst does not match", () -> Backup.in(target()).copyTables(copy));
    }
    Files.write(table, new byte[3]);
    assertRefused("000001.sst has 3 bytes", () -> Backup.in(target()).verify());
    Files.delete(table);
    assertRefused("000001.sst is missing", () -> Backup.in(target()).verify());
    Files.write(table, sound);
    Files.writeString(target().resolve("tables/000002.log"), "");
    assertRefused("000002.log is not in", () -> Backup.in(target()).verify());
    Files.delete(target().resolve("tables/000002.log"));
    Backup.in(target()).verify();
  }

  @Test
  void everyDamageOfTheManifest_isFound() throws IOException {
    write();
    Path manifest = target().resolve("MANIFEST");
    byte[] sound = Files.readAllBytes(manifest);
    for (int at = 0; at < sound.length; at++) {
      byte[] damaged = sound.clone();
      damaged[at] ^= 1;
      Files.write(manifest, damaged);
      assertThrows(IOException.class, () -> Backup.in(target()));
      byte[] shorter = Arrays.copyOf(sound, at);
      Files.write(manifest, shorter);
      assertThrows(IOException.class, () -> Backup.in(target()));
    }
    Files.delete(manifest);
    assertRefused("is no backup", () -> Backup.in(target()));
  }
}
