package dev.cairn.master.store;

import java.util.List;

/**
 * Tells a log that was torn from one that is damaged. Torn is what a power cut leaves: the end of
 * the newest file was never written. All else is damage: something lies behind the hole, or what is
 * not there had been synced. Nothing of a damaged log may be left out in silence.
 *
 * @param at the file with the hole, or the last one before a gap; null when the log is sound
 * @param sentence what is wrong, for people; empty when nothing is
 */
record LogVerdict(Kind kind, LogScan at, String sentence) {

  /** How a log is. */
  enum Kind {
    SOUND,
    TORN,
    DAMAGED
  }

  private static final LogVerdict SOUND = new LogVerdict(Kind.SOUND, null, "");

  /**
   * Judges all files of a log.
   *
   * @param all the oldest first; those that are not needed any more are not judged
   */
  static LogVerdict of(List<LogScan> all, SyncMark.Said synced, Flushed flushed) {
    List<LogScan> scans =
        all.stream().filter(scan -> scan.file().number() >= flushed.leastLog()).toList();
    LogVerdict torn = SOUND;
    LogScan before = null;
    for (int i = 0; i < scans.size(); i++) {
      LogScan scan = scans.get(i);
      if (before != null && scan.batches() > 0 && scan.first() > before.last() + 1) {
        return missing(before, scan);
      }
      before = scan.batches() > 0 ? scan : before;
      if (scan.hole() != null) {
        List<LogScan> later = scans.subList(i + 1, scans.size());
        LogVerdict verdict = ofHole(scan, lastBefore(before, later, flushed), later, synced);
        if (verdict.kind() == Kind.DAMAGED || i == scans.size() - 1) {
          return verdict;
        }
        torn = verdict;
      }
    }
    return torn;
  }

  /** The last change before a hole: nothing of the newest file is in the tables. */
  private static long lastBefore(LogScan before, List<LogScan> later, Flushed flushed) {
    if (before != null) {
      return before.last();
    }
    return later.isEmpty() ? flushed.last() : 0;
  }

  private static LogVerdict ofHole(
      LogScan scan, long last, List<LogScan> later, SyncMark.Said synced) {
    long behind = scan.hole().soundBytes();
    boolean goesOn = false;
    for (LogScan file : later) {
      goesOn |= behind == 0 && file.batches() > 0 && file.first() <= last + 1;
      behind += file.size();
    }
    boolean wasSynced = synced.sequence() > last;
    if (goesOn) {
      // The log went on in another file after a failed write.
      return torn(scan);
    }
    if (behind > 0) {
      boolean neverWritten = scan.hole().blank() && synced.otherBoot() && !wasSynced;
      return neverWritten && later.isEmpty() ? torn(scan) : damaged(scan, behindIs(scan, later));
    }
    // Of a log that ends too early the store says so after it was opened.
    return wasSynced && !scan.hole().cutOff()
        ? damaged(scan, "the changes that were there had been synced")
        : torn(scan);
  }

  private static String behindIs(LogScan scan, List<LogScan> later) {
    StringBuilder text = new StringBuilder();
    if (scan.hole().soundBytes() > 0) {
      text.append(scan.hole().soundBytes()).append(" bytes of changes behind it can be read");
    }
    for (LogScan file : later) {
      text.append(text.length() > 0 ? " and " : "")
          .append(file.file().name())
          .append(" goes on with ")
          .append(file.size())
          .append(" bytes");
    }
    return text.toString();
  }

  private static LogVerdict torn(LogScan scan) {
    return new LogVerdict(
        Kind.TORN,
        scan,
        "%s ends in a change that was not written completely: its last %d bytes, from byte %d on, are left out"
            .formatted(scan.file().path(), scan.size() - scan.end(), scan.end()));
  }

  private static LogVerdict damaged(LogScan scan, String why) {
    return new LogVerdict(
        Kind.DAMAGED,
        scan,
        "the master's log is damaged: %s cannot be read at byte %d of %d, and %s"
            .formatted(scan.file().path(), scan.hole().offset(), scan.size(), why));
  }

  private static LogVerdict missing(LogScan before, LogScan after) {
    return new LogVerdict(
        Kind.DAMAGED,
        before,
        "the master's log is damaged: a file is missing between %s and %s, with %d changes"
            .formatted(
                before.file().path(), after.file().name(), after.first() - before.last() - 1));
  }
}
