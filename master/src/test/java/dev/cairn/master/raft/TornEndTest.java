package dev.cairn.master.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TornEndTest {

  private static final byte[] WHOLE =
      join("RaftLog1".getBytes(StandardCharsets.US_ASCII), entry(40), entry(300));
  private static final byte[] ZEROS = new byte[1000];

  @TempDir private Path directory;
  private Path segment;

  @BeforeEach
  void makeDirectory() throws IOException {
    segment =
        Files.createDirectories(directory.resolve("group/current")).resolve("log_inprogress_7");
  }

  @Test
  void anEntryThatIsThereInPart_isCutOff_whereverItIsTorn() throws IOException {
    byte[] last = entry(200);
    for (int written = 1; written <= last.length - 4; written++) {
      assertBecomes(WHOLE, join(WHOLE, Arrays.copyOf(last, written), ZEROS));
    }
  }

  @Test
  void aWholeLog_staysAsItIs() throws IOException {
    assertStays(WHOLE);
    assertStays(join(WHOLE, ZEROS));
    assertStays(Arrays.copyOf(WHOLE, 8));
    assertStays(new byte[0]);
  }

  @Test
  void aFileThatEndsWithinAnEntry_isLeftForRatis_whichIgnoresIt() throws IOException {
    assertStays(join(WHOLE, Arrays.copyOf(entry(200), 100)));
  }

  @Test
  void damage_isLeftForRatisToRefuse() throws IOException {
    for (int at : new int[] {9, 30, 60, WHOLE.length - 2, WHOLE.length - 20}) {
      byte[] flipped = WHOLE.clone();
      flipped[at] ^= 0x10;
      assertStays(join(flipped, ZEROS));
    }
    assertStays(join(WHOLE, Arrays.copyOf(entry(200), 100), ZEROS, entry(5)));
  }

  @Test
  void aClosedSegment_isNotTouched() throws IOException {
    Path closed = segment.resolveSibling("log_0-6");
    byte[] content = join(WHOLE, Arrays.copyOf(entry(200), 100), ZEROS);
    Files.write(closed, content);
    TornEnd.cut(directory);
    assertArrayEquals(content, Files.readAllBytes(closed));
  }

  @Test
  void aDirectoryThatIsNotThere_hasNoLog() throws IOException {
    TornEnd.cut(directory.resolve("none"));
  }

  private void assertStays(byte[] content) throws IOException {
    assertBecomes(content, content);
  }

  private void assertBecomes(byte[] expected, byte[] content) throws IOException {
    Files.write(segment, content);
    TornEnd.cut(directory);
    assertArrayEquals(expected, Files.readAllBytes(segment));
  }

  private static byte[] entry(int size) {
    byte[] length =
        size < 0x80
            ? new byte[] {(byte) size}
            : new byte[] {(byte) (size | 0x80), (byte) (size >> 7)};
    byte[] content = new byte[size];
    Arrays.fill(content, (byte) 'e');
    byte[] both = join(length, content);
    CRC32C checksum = new CRC32C();
    checksum.update(both);
    return join(both, ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
  }

  private static byte[] join(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
    Arrays.stream(parts).forEach(all::put);
    return all.array();
  }
}
