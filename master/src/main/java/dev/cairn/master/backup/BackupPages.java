package dev.cairn.master.backup;

import dev.cairn.rpc.proto.BackupPage;
import java.io.IOException;

/** Takes the pages of one backup, on its thread. */
@FunctionalInterface
public interface BackupPages {

  /**
   * Takes a page, when there is room for it.
   *
   * @throws IOException when it cannot be taken, or nobody wants it any more: ends the backup
   */
  void take(BackupPage page) throws IOException;
}
