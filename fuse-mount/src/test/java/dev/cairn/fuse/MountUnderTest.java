package dev.cairn.fuse;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A mount by processes of their own. Leaves nothing behind when closed, whatever became of them.
 */
interface MountUnderTest extends AutoCloseable {

  Path root();

  /** What the process that mounted logged. */
  String log();

  default Shell shell(Path directory) {
    return new Shell(directory, this::log);
  }

  @Override
  void close() throws IOException;
}
