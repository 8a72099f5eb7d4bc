package dev.cairn.rpc.finding;

import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.proto.BackupStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Findings about copies of the names elsewhere. */
final class BackupFindings {

  private static final long SLACK_MILLIS = Duration.ofMinutes(2).toMillis();

  /** Of a backup that a client fetched: so old that whoever had it made seems to have stopped. */
  private static final long OLD_MILLIS = Duration.ofDays(7).toMillis();

  private BackupFindings() {}

  static List<Finding> of(GetStatusReply status) {
    if (!status.hasBackup()) {
      return List.of();
    }
    BackupStatus backup = status.getBackup();
    List<Finding> findings = new ArrayList<>();
    if (backup.getDirectory().isEmpty()) {
      boolean isOnlyCopy = backup.getMasters() < 2;
      boolean isOld = backup.getNewestTaken() == 0 || backup.getNewestAgeMillis() > OLD_MILLIS;
      if (isOnlyCopy && isOld) {
        findings.add(
            Finding.notice(
                "names-have-one-copy",
                "the names are on the master's disk only, and lost with it ("
                    + newest(backup)
                    + ")",
                "have backups made: 'cairn backup DIR', or 'cairn master --backup DIR'"));
      }
      return findings;
    }
    if (!backup.getFailure().isEmpty()) {
      findings.add(
          Finding.degraded(
              "backup-failed",
              "the master's backups to "
                  + backup.getDirectory()
                  + " fail ("
                  + backup.getFailure()
                  + "; "
                  + newest(backup)
                  + ")",
              "make room there, or give the master another directory with --backup"));
    }
    boolean isLate =
        backup.getNewestTaken() == 0
            ? status.getUptimeMillis() > late(backup)
            : backup.getNewestAgeMillis() > late(backup);
    if (isLate) {
      findings.add(
          Finding.degraded(
              "backup-old",
              "there should be a backup every "
                  + ShownText.time(backup.getEveryMillis())
                  + ": "
                  + newest(backup),
              "see the master's log, or run 'cairn backup DIR'"));
    }
    return findings;
  }

  private static long late(BackupStatus backup) {
    return 2 * backup.getEveryMillis() + SLACK_MILLIS;
  }

  private static String newest(BackupStatus backup) {
    return backup.getNewestTaken() == 0
        ? "there is no backup"
        : "the newest backup is " + ShownText.time(backup.getNewestAgeMillis()) + " old";
  }
}
