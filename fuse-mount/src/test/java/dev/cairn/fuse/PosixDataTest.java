package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The content of files. */
@ParameterizedClass
@ValueSource(strings = {"kernel", "jnr", "cluster"})
@Timeout(120)
class PosixDataTest extends PosixCases {

  @Test
  void aBigFile_readsBackEqual() {
    shell.check("head -c 64M /dev/urandom > f; cksum < f > before");
    dropCaches();
    shell.check("cksum < f | cmp - before; dd if=f bs=4097 2> /dev/null | cksum | cmp - before");
  }

  @Test
  void directIo_readsAndWrites() {
    shell.check(
        "head -c 4M /dev/urandom > f; dd if=f of=g bs=1M oflag=direct 2> /dev/null;"
            + " dd if=g bs=512K iflag=direct 2> /dev/null | cmp - f");
  }

  @Test
  void aSparseFile_isLongAndTakesNoRoom() {
    assertEquals("1099511627776 0", shell.check("truncate -s 1T f; stat -c '%s %b' f"));
    assertEquals("end", shell.check("echo end >> f; tail -c 4 f"));
    assertEquals("0", shell.check("head -c 1M f | tr -d '\\000' | wc -c"));
  }

  @Test
  void truncate_cutsAndExtends() {
    assertEquals("abc", shell.check("echo abcdef > f; truncate -s 3 f; cat f"));
    assertEquals("616263000000", shell.check("truncate -s 6 f; od -An -tx1 f | tr -d ' '"));
    assertEquals("0", shell.check("> f; stat -c %s f"));
  }

  @Test
  void truncate_hidesWhatWasBehindForever() {
    assertEquals(
        "0",
        shell.check(
            "head -c 100000 /dev/urandom > f; truncate -s 10 f; truncate -s 100000 f;"
                + " tail -c +11 f | tr -d '\\000' | wc -c"));
  }

  @Test
  void appending_addsAtTheEnd() {
    assertEquals("1\n2\n3", shell.check("for i in 1 2 3; do echo $i >> f; done; cat f"));
  }

  @Test
  void fsync_ofFilesAndDirectories_succeeds() {
    shell.check("dd if=/dev/zero of=f bs=1M count=2 conv=fsync 2> /dev/null; sync f .; sync -f .");
  }

  @Test
  void fallocate_makesRoomAndHoles() {
    assertEquals("1048576", shell.check("fallocate -l 1M f; stat -c %s f"));
    assertEquals(
        "0 4096",
        shell.check(
            "tr '\\000' x < /dev/zero | head -c 8192 > g; fallocate -p -o 0 -l 4096 g;"
                + " echo $(head -c 4096 g | tr -d '\\000' | wc -c) $(tail -c 4096 g | tr -d -c x | wc -c)"));
    assertEquals("8192", shell.check("fallocate -n -l 1M g; stat -c %s g"));
  }

  @Test
  void fallocateModesThatAreNotSupported_saySo() {
    shell.check("echo x > f");
    shell.refuses("fallocate -z -l 4096 f", "not supported");
    shell.refuses("fallocate -c -l 4096 f", "not supported");
  }

  @Test
  void cp_keepsBytesHolesAndModes() {
    shell.check(
        "head -c 300000 /dev/urandom > f; truncate -s 5M f; chmod 640 f; touch -d @1000 f;"
            + " cp -a f g; cmp f g; test \"$(stat -c '%a %Y' g)\" = '640 1000'");
  }

  @Test
  void mmap_readsWhatWasWritten() throws IOException {
    Path file = here.resolve("f");
    byte[] bytes = new byte[100_000];
    new Random(1).nextBytes(bytes);
    Files.write(file, bytes);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes.length);
      byte[] seen = new byte[bytes.length];
      map.get(seen);
      assertArrayEquals(bytes, seen);
    }
  }

  @Test
  void mmap_writesArriveWithMsyncAtTheLatest() throws IOException {
    Path file = here.resolve("f");
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 20);
      map.put(700_000, "written".getBytes(StandardCharsets.UTF_8));
      map.force();
    }
    dropCaches();
    assertEquals("written", shell.check("tail -c +700001 f | head -c 7"));
  }

  @Test
  void randomOperations_doWhatTheyDoToAnArray() throws IOException {
    for (long seed = 1; seed <= 3; seed++) {
      compareWithModel(here.resolve("f" + seed), seed);
    }
  }

  private static void compareWithModel(Path file, long seed) throws IOException {
    Random random = new Random(seed);
    byte[] model = new byte[1 << 20];
    int size = 0;
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      for (int step = 0; step < 300; step++) {
        int offset = random.nextInt(model.length - 200_000);
        int length = random.nextInt(random.nextBoolean() ? 5_000 : 200_000);
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            channel.write(ByteBuffer.wrap(bytes), offset);
            System.arraycopy(bytes, 0, model, offset, length);
            size = length == 0 ? size : Math.max(size, offset + length);
          }
          case 2 -> {
            channel.truncate(offset);
            if (offset < size) {
              java.util.Arrays.fill(model, offset, size, (byte) 0);
              size = offset;
            }
          }
          default -> {
            ByteBuffer into = ByteBuffer.allocate(length);
            channel.read(into, offset);
            int expected = Math.max(0, Math.min(length, size - offset));
            byte[] want = java.util.Arrays.copyOfRange(model, offset, offset + expected);
            byte[] got = java.util.Arrays.copyOf(into.array(), into.position());
            assertArrayEquals(want, got, "seed " + seed + ", step " + step);
          }
        }
        assertEquals(size, channel.size(), "seed " + seed + ", step " + step);
      }
    }
    byte[] end = java.util.Arrays.copyOf(model, size);
    assertArrayEquals(end, Files.readAllBytes(file), "seed " + seed);
  }
}
