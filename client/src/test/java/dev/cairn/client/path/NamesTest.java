package dev.cairn.client.path;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamesTest {

  @TempDir Path scratch;

  @Test
  void text_ofAnyBytes_givesTheSameBytesAgain() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      if (random.nextBoolean()) {
        byte[] letters =
            "a\u00fc\u20ac\ud83d\ude00".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, letters.length);
        System.arraycopy(letters, random.nextInt(letters.length - length + 1), bytes, 0, length);
      }
      ByteString name = ByteString.copyFrom(bytes);
      assertEquals(name, Names.bytes(Names.text(name)), "seed " + seed + ", round " + i);
    }
  }

  @Test
  void localFiles_haveExactlyTheBytesOfTheName() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[1 + random.nextInt(30)];
      for (int b = 0; b < bytes.length; b++) {
        int value = 1 + random.nextInt(255);
        bytes[b] = (byte) (value == '/' || value == '.' ? 'x' : value);
      }
      ByteString name = ByteString.copyFrom(bytes);
      Path file = Files.createFile(Names.local(scratch, name));
      try (var listed = Files.newDirectoryStream(scratch)) {
        assertEquals(name, Names.ofFile(listed.iterator().next()), "seed " + seed);
      }
      assertEquals(file, Names.local(Names.ofLocal(file)), "seed " + seed);
      Files.delete(file);
    }
  }

  @Test
  void targets_ofLocalSymlinks_keepTheirBytes() throws IOException {
    for (String target : new String[] {"plain", "../\udcfe/\u00fc", "/abs/\udc80", "\u00e4/.."}) {
      Path link = scratch.resolve("link");
      Files.createSymbolicLink(link, Names.localTarget(Names.bytes(target)));
      assertEquals(Names.bytes(target), Names.ofTarget(Files.readSymbolicLink(link)), target);
      Files.delete(link);
    }
  }

  @Test
  void escaped_isOneLine_andNoOtherNames() {
    assertEquals(
        "a\\nb\\t\\x1b[1m\\\\n\\xfe \u00fc\\xc2\\x85",
        Names.escaped("a\nb\t\u001b[1m\\n\udcfe \u00fc\u0085"));
  }

  @Test
  void arguments_thatWereDecodedWell_areTheyThemselves() throws IOException {
    String[] arguments = {"ls", "/\u00fc"};
    assertArrayEquals(arguments, Names.arguments(arguments));
  }
}
