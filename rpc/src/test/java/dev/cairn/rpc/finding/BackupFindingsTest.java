package dev.cairn.rpc.finding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.rpc.proto.BackupStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of backups, and how bad it is. */
final class BackupFindingsTest {

  private static final long HOUR = Duration.ofHours(1).toMillis();

  private static List<String> found(BackupStatus backup, long uptimeMillis) {
    GetStatusReply status =
        GetStatusReply.newBuilder().setBackup(backup).setUptimeMillis(uptimeMillis).build();
    return BackupFindings.of(status).stream()
        .map(finding -> finding.severity().word() + " " + finding.code())
        .toList();
  }

  private static BackupStatus.Builder aged(long hours) {
    return BackupStatus.newBuilder().setNewestTaken(1).setNewestAgeMillis(hours * HOUR);
  }

  private static BackupStatus.Builder everyHour(BackupStatus.Builder backup) {
    return backup.setDirectory("/backup").setEveryMillis(HOUR).setKeep(24);
  }

  @Test
  void withoutAnyBackup_itIsSaid_andTheClusterIsHealthyAllTheSame() {
    assertEquals(
        List.of("notice names-have-one-copy"), found(BackupStatus.getDefaultInstance(), 0));
    assertEquals(List.of(), found(aged(100).build(), 0));
    assertEquals(List.of("notice names-have-one-copy"), found(aged(200).build(), 0));
    assertEquals(List.of(), found(BackupStatus.newBuilder().setMasters(3).build(), 0));
  }

  @Test
  void aMasterThatSaysNothingOfBackups_isOfAnEarlierVersion() {
    assertEquals(List.of(), BackupFindings.of(GetStatusReply.getDefaultInstance()));
  }

  @Test
  void backupsThatFail_orAreTooOld_degrade() {
    assertEquals(List.of(), found(everyHour(BackupStatus.newBuilder()).build(), HOUR));
    assertEquals(
        List.of("degraded backup-old"),
        found(everyHour(BackupStatus.newBuilder()).build(), 3 * HOUR));
    assertEquals(List.of(), found(everyHour(aged(2)).build(), 100 * HOUR));
    assertEquals(List.of("degraded backup-old"), found(everyHour(aged(3)).build(), 0));
    assertEquals(
        List.of("degraded backup-failed"),
        found(everyHour(aged(1)).setFailure("the disk is full").build(), 0));
  }
}
