package dev.cairn.chunkserver.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of a data directory that something else than a crash has changed: a start never takes a
 * byte of data away, and serves every replica that is intact.
 */
final class DamagedFilesTest {

  private static final int LARGE = 300_000;
  private static final int SMALL = 5_000;
  private static final int CHUNKS = 12;

  /** How a file is damaged. */
  enum Damage {
    EMPTY {
      @Override
      void to(Path file, Path brother, Random random) throws IOException {
        Files.write(file, new byte[0]);
      }
    },
    ZEROED {
      @Override
      void to(Path file, Path brother, Random random) throws IOException {
        Files.write(file, new byte[(int) Files.size(file)]);
      }
    },
    TRUNCATED {
      @Override
      void to(Path file, Path brother, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
      }
    },
    PARTLY_ZEROED {
      @Override
      void to(Path file, Path brother, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int from = random.nextInt(bytes.length);
        Arrays.fill(bytes, from, Math.min(bytes.length, from + 4096), (byte) 0);
        Files.write(file, bytes);
      }
    },
    ANOTHERS {
      @Override
      void to(Path file, Path brother, Random random) throws IOException {
        Files.write(file, Files.readAllBytes(brother));
      }
    },
    LENGTHENED {
      @Override
      void to(Path file, Path brother, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100_000)));
      }
    },
    GONE {
      @Override
      void to(Path file, Path brother, Random random) throws IOException {
        Files.delete(file);
      }
    },
    A_DIRECTORY {
      @Override
      void to(Path file, Path brother, Random random) throws IOException {
        Files.delete(file);
        Files.createDirectory(file);
        Files.write(file.resolve("something"), new byte[10]);
      }
    };

    abstract void to(Path file, Path brother, Random random) throws IOException;
  }

  @TempDir Path directory;

  private static long idOf(Path file) {
    return Long.parseLong(file.getFileName().toString().substring(0, 16), 16);
  }

  private static byte[] content(long id) {
    return StoreUnderTest.random(id % 2 == 0 ? LARGE : SMALL, id);
  }

  /** Large chunks of several appends, some of them open, and small ones in packs. */
  private static void fill(StoreUnderTest t) throws CairnException {
    for (long id = 1; id <= CHUNKS; id++) {
      byte[] bytes = content(id);
      if (id % 2 == 1) {
        t.append(id, 0, bytes, true);
        continue;
      }
      for (int at = 0; at < bytes.length; at += 50_000) {
        boolean last = at + 50_000 == bytes.length;
        byte[] piece = StoreUnderTest.slice(bytes, at, 50_000);
        t.append(id, at, piece, last && id % 4 == 0);
      }
    }
  }

  private StoreUnderTest filled(String name, boolean cleanly) throws IOException {
    StoreUnderTest t = new StoreUnderTest(directory.resolve(name));
    fill(t);
    if (cleanly) {
      t.reopen();
      t.store.close();
    } else {
      t.store.abandon();
    }
    return t;
  }

  /** The bytes of all files of data on the disk, wherever they are. */
  private static List<byte[]> data(StoreUnderTest t) throws IOException {
    List<byte[]> contents = new ArrayList<>();
    try (Stream<Path> files = Files.walk(t.directories.get(0))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".data") || name.endsWith(".pack") || name.equals("something")) {
          contents.add(Files.readAllBytes(file));
        }
      }
    }
    return contents;
  }

  private static boolean contains(List<byte[]> contents, byte[] wanted) {
    // Packs are appended to.
    return contents.stream()
        .anyMatch(
            content ->
                content.length >= wanted.length
                    && Arrays.equals(content, 0, wanted.length, wanted, 0, wanted.length));
  }

  private static void assertNothingWentFrom(List<byte[]> before, StoreUnderTest t, String what)
      throws IOException {
    List<byte[]> after = data(t);
    for (byte[] content : before) {
      assertTrue(contains(after, content), what + ": " + content.length + " bytes are gone");
    }
  }

  /** A wrong byte is never served; what is intact is, unless it may be damaged. */
  private static void assertServed(StoreUnderTest t, List<Long> damaged, String what)
      throws IOException {
    Map<Long, Long> listing = new TreeMap<>(t.listing());
    for (long id = 1; id <= CHUNKS; id++) {
      byte[] bytes = content(id);
      if (!damaged.contains(id)) {
        t.assertHolds(id, bytes);
        continue;
      }
      long length = Math.abs(listing.getOrDefault(id, 0L));
      for (int at = 0; at < Math.min(length, bytes.length); at += 65_536) {
        int count = (int) Math.min(65_536, Math.min(length, bytes.length) - at);
        try {
          assertArrayEquals(StoreUnderTest.slice(bytes, at, count), t.read(id, at, count), what);
        } catch (CairnException e) {
          assertEquals(ErrorCode.CORRUPT, e.code(), what);
        }
      }
    }
  }

  private static void startAndLook(StoreUnderTest t, List<Long> damaged, String what)
      throws IOException {
    List<byte[]> before = data(t);
    for (int start = 0; start < 2; start++) {
      t.open();
      assertServed(t, damaged, what);
      t.store.tend();
      t.store.tendQuarantines();
      assertServed(t, damaged, what);
      assertNothingWentFrom(before, t, what);
      assertTrue(
          t.store.disks().stream().allMatch(disk -> disk.failure().isEmpty()), what + ": dead");
      t.store.close();
    }
    assertNothingWentFrom(before, t, what);
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void ofAChecksumLog_costsNoByteOfTheData(Damage damage) throws IOException {
    for (boolean cleanly : new boolean[] {true, false}) {
      StoreUnderTest t = filled("sums-" + cleanly, cleanly);
      List<Path> logs = t.files(".sums");
      damage.to(logs.get(0), logs.get(1), new Random(1));
      damage.to(logs.get(2), logs.get(1), new Random(2));
      List<Long> damaged = List.of(idOf(logs.get(0)), idOf(logs.get(2)));
      startAndLook(t, damaged, damage + " sums, closed cleanly: " + cleanly);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Damage.class,
      names = {"EMPTY", "ZEROED", "ANOTHERS", "GONE", "A_DIRECTORY"})
  void ofAChecksumLog_isReported(Damage damage) throws IOException {
    StoreUnderTest t = filled("sums", true);
    List<Path> logs = t.files(".sums");
    damage.to(logs.get(0), logs.get(1), new Random(1));
    t.open();
    var bad = t.store.findings().untold(100).bad();
    assertEquals(List.of(idOf(logs.get(0))), t.bad());
    assertTrue(bad.get(0).reason().contains(logs.get(0).toString()), bad.get(0).reason());
    t.close();
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void ofData_costsNoneOfTheRest(Damage damage) throws IOException {
    for (boolean cleanly : new boolean[] {true, false}) {
      StoreUnderTest t = filled("data-" + cleanly, cleanly);
      List<Path> files = t.files(".data");
      damage.to(files.get(0), files.get(1), new Random(3));
      startAndLook(t, List.of(idOf(files.get(0))), damage + " data, closed cleanly: " + cleanly);
    }
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void ofAPack_costsNoneOfTheRest(Damage damage) throws IOException {
    StoreUnderTest other = filled("other", true);
    List<Long> small = List.of(1L, 3L, 5L, 7L, 9L, 11L);
    for (boolean cleanly : new boolean[] {true, false}) {
      StoreUnderTest t = filled("pack-" + cleanly, cleanly);
      damage.to(t.files(".pack").get(0), other.files(".pack").get(0), new Random(4));
      startAndLook(t, small, damage + " pack, closed cleanly: " + cleanly);
    }
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void ofTheOtherFiles_costsNothing(Damage damage) throws IOException {
    StoreUnderTest t = filled("others", true);
    t.open();
    t.store.delete(List.of(1L));
    t.store.quarantine(List.of(2L, 3L));
    t.append(1, 0, content(1), true);
    t.append(2, 0, content(2), true);
    t.append(3, 0, content(3), true);
    t.store.sync(List.of(1L, 2L, 3L));
    StoreUnderTest.flip(t.files("0000000000000004.data").get(0), 1);
    StoreUnderTest.fails(ErrorCode.CORRUPT, () -> t.read(4, 0, 1));
    t.store.close();
    Path root = t.directories.get(0);
    Random random = new Random(5);
    damage.to(t.files(".dead").get(0), root.resolve("identity"), random);
    damage.to(root.resolve("bad-chunks"), root.resolve("identity"), random);
    startAndLook(t, List.of(1L, 3L, 4L), damage + " of other files");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void ofAnything_atRandom_costsNoByteOfTheData(long seed) throws IOException {
    Random random = new Random(seed);
    StoreUnderTest t = filled("random", random.nextBoolean());
    List<Long> damaged = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      List<Path> files = new ArrayList<>(t.files(".sums"));
      files.addAll(t.files(".data"));
      files.addAll(t.files(".pack"));
      files.removeIf(Files::isDirectory);
      Path victim = files.get(random.nextInt(files.size()));
      Path brother = files.get(random.nextInt(files.size()));
      if (Files.size(victim) == 0) {
        continue;
      }
      Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
      damage.to(victim, brother, random);
      if (victim.toString().endsWith(".pack")) {
        damaged.addAll(List.of(1L, 3L, 5L, 7L, 9L, 11L));
      } else {
        damaged.add(idOf(victim));
      }
    }
    startAndLook(t, damaged, "seed " + seed);
  }

  @Test
  void afterChecksumsAreRebuilt_theBytesAreServedAgain() throws IOException {
    StoreUnderTest t = filled("rebuilt", true);
    Path log = t.files(".sums").get(0);
    Path data = t.files(".data").get(0);
    Files.write(log, new byte[0]);
    t.open();
    StoreUnderTest.fails(ErrorCode.CORRUPT, () -> t.read(idOf(log), 0, 1));
    StoreUnderTest.fails(ErrorCode.BUSY, () -> new ChecksumRebuilding(data).run());
    t.store.close();
    new ChecksumRebuilding(data).run();
    t.open();
    assertEquals(List.of(), t.bad());
    t.assertHolds(idOf(log), content(idOf(log)));
    StoreUnderTest.fails(ErrorCode.INVALID, () -> new ChecksumRebuilding(log));
    StoreUnderTest.fails(ErrorCode.INVALID, () -> new ChecksumRebuilding(Path.of("x.data")));
    t.close();
  }
}
