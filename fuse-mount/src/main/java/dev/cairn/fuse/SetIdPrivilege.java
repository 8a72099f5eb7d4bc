package dev.cairn.fuse;

import dev.cairn.client.vfs.Vfs.Caller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells whether a process may change the content of a file that keeps its set-id bits: one with
 * CAP_FSETID, which root has unless it gave it up. The kernel says so with a WRITE, a truncation
 * and an OPEN, but not with FALLOCATE and COPY_FILE_RANGE, whose requests have no such flag
 * (fuse_file_fallocate and __fuse_copy_file_range in fs/fuse/file.c).
 */
public final class SetIdPrivilege {

  // linux/capability.h
  private static final int CAP_FSETID = 4;

  private static final String EFFECTIVE = "CapEff:";

  private SetIdPrivilege() {}

  /** Whether the bits go. They do in doubt: where the process is none of this namespace, say. */
  public static boolean isLackedBy(Caller caller) {
    return caller.uid() != 0 || !isIn(statusOf(caller.pid()));
  }

  private static String statusOf(int pid) {
    try {
      Path status = Path.of("/proc", Integer.toString(pid), "status");
      return new String(Files.readAllBytes(status), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /** Whether the text of a /proc/PID/status has the capability among the effective ones. */
  static boolean isIn(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith(EFFECTIVE))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(EFFECTIVE.length()).strip(), 16))
        .anyMatch(capabilities -> (capabilities & 1L << CAP_FSETID) != 0);
  }
}
