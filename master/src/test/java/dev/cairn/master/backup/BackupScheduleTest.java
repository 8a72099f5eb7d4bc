package dev.cairn.master.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.Founder;
import dev.cairn.master.Founding;
import dev.cairn.master.ManualTime;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.store.RocksStore;
import dev.cairn.rpc.backup.Backup;
import dev.cairn.rpc.proto.BackupStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that a master makes by itself. */
final class BackupScheduleTest {

  private static final String CLUSTER = "cluster-1";
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path directory;

  private final ManualTime time = new ManualTime();
  private RocksStore store;

  @BeforeEach
  void open() throws IOException {
    store = RocksStore.open(Files.createDirectories(directory.resolve("data/tables")));
    String unused = Founding.found(store, new StoreLog(store), CLUSTER, Founder.ROOT, time.now());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Path place() {
    return directory.resolve("backups");
  }

  private BackupSchedule schedule(int keep) throws IOException {
    Backups backups = new Backups(store, directory.resolve("data"), "format", time);
    return new BackupSchedule(backups, new BackupSettings(place(), HOUR, keep), CLUSTER, time);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(place())) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void backups_areMadeInTime_andTheOldestGo() throws IOException {
    BackupSchedule schedule = schedule(3);
    for (int hour = 0; hour < 5; hour++) {
      schedule.look();
      assertEquals(Math.min(3, hour + 1), names().size());
      BackupStatus status = schedule.status(1);
      assertEquals(0, status.getNewestAgeMillis());
      assertEquals("", status.getFailure());
      assertEquals(names().get(names().size() - 1), Path.of(status.getNewest()).getFileName() + "");
      Backup.in(Path.of(status.getNewest())).verify();
      time.pass(HOUR.minusSeconds(1));
      List<String> before = names();
      schedule.look();
      assertEquals(before, names());
      time.pass(Duration.ofSeconds(1));
    }
    assertFalse(Files.exists(directory.resolve("data/backup-copy")));
  }

  @Test
  void afterARestart_theNextOneIsNotMadeBeforeItsTime() throws IOException {
    schedule(3).look();
    time.pass(Duration.ofMinutes(20));
    BackupSchedule next = schedule(3);
    next.look();
    assertEquals(Duration.ofMinutes(20).toMillis(), next.status(1).getNewestAgeMillis());
    assertEquals(1, names().size());
    time.pass(Duration.ofMinutes(40));
    next.look();
    assertEquals(2, names().size());
  }

  @Test
  void whileTheDirectoryCannotBeWrittenTo_theOldOnesStay_andItIsSaid() throws IOException {
    BackupSchedule schedule = schedule(1);
    schedule.look();
    final List<String> first = names();
    Path aside = directory.resolve("aside");
    Files.move(place(), aside);
    Files.writeString(place(), "not a directory");
    time.pass(HOUR);
    schedule.look();
    assertFalse(schedule.status(1).getFailure().isEmpty());
    assertEquals(HOUR.toMillis(), schedule.status(1).getNewestAgeMillis());
    Files.delete(place());
    Files.move(aside, place());
    assertEquals(first, names());
    schedule.look();
    assertEquals(first, names());
    time.pass(Duration.ofMinutes(1));
    schedule.look();
    assertEquals("", schedule.status(1).getFailure());
    assertEquals(1, names().size());
    assertFalse(names().equals(first));
  }

  @Test
  void othersInTheDirectory_areLeftAlone_andUnfinishedOnesGo() throws IOException {
    Files.createDirectories(place().resolve("backup-20200101T000000Z/tables"));
    Files.createDirectories(place().resolve("backup-20200101T000001Z.part/tables"));
    Files.createDirectories(place().resolve("other.part"));
    BackupSchedule schedule = schedule(1);
    schedule.look();
    time.pass(HOUR);
    schedule.look();
    assertEquals(3, names().size());
    assertTrue(names().contains("backup-20200101T000000Z"), "without a manifest it is not ours");
    assertTrue(names().contains("other.part"));
  }

  @Test
  void garbageOfTheNewestBackup_isNeeded_untilBackupsAreFarTooLate() throws IOException {
    BackupSchedule schedule = schedule(2);
    assertEquals(0, schedule.garbageNeededFrom(), "nobody knows yet what there is");
    schedule.look();
    long made = time.now();
    long needed = schedule.garbageNeededFrom();
    assertTrue(needed < made && made - needed <= Duration.ofSeconds(10).toNanos());
    time.pass(HOUR.multipliedBy(3));
    assertEquals(needed, schedule.garbageNeededFrom());
    time.pass(Duration.ofSeconds(1));
    assertEquals(Long.MAX_VALUE, schedule.garbageNeededFrom());
    schedule.look();
    assertTrue(schedule.garbageNeededFrom() > needed);
  }

  @Test
  void surplusBackups_areTheOldest_andNeverTheOneJustMade() {
    List<BackupSeries.Kept> kept =
        IntStream.range(0, 5)
            .mapToObj(i -> new BackupSeries.Kept(Path.of("backup-" + i), i))
            .toList();
    Path newest = Path.of("backup-4");
    assertEquals(List.of(), BackupSeries.surplus(kept, 5, newest));
    assertEquals(List.of(), BackupSeries.surplus(List.of(), 1, newest));
    assertEquals(
        List.of(Path.of("backup-0"), Path.of("backup-1")), BackupSeries.surplus(kept, 3, newest));
    // The clock was set back: the one just made looks like the oldest.
    assertEquals(
        List.of(Path.of("backup-1"), Path.of("backup-2")),
        BackupSeries.surplus(kept, 3, Path.of("backup-0")));
    assertEquals(4, BackupSeries.surplus(kept, 1, newest).size());
  }
}
