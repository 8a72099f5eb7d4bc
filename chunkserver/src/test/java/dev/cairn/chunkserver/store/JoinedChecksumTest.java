package dev.cairn.chunkserver.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.rpc.checksum.Blocks;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class JoinedChecksumTest {

  @Test
  void ofTwoRuns_isTheChecksumOfBoth() {
    Random random = new Random(1);
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = StoreUnderTest.random(1 + random.nextInt(Blocks.SIZE), round);
      int cut = random.nextInt(bytes.length + 1);
      int first = Blocks.checksum(ByteBuffer.wrap(bytes, 0, cut));
      int second = Blocks.checksum(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
      assertEquals(
          Blocks.checksum(ByteBuffer.wrap(bytes)),
          JoinedChecksum.of(first, second, bytes.length - cut),
          "round " + round);
    }
  }
}
