package dev.cairn.chunkserver.scrub;

import dev.cairn.rpc.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the state of scrubbing in each data directory; losing it costs reading again. */
public final class ScrubCursor {

  private static final Logger LOG = LoggerFactory.getLogger(ScrubCursor.class);
  private static final String FILE = "scrub";

  private final List<Path> directories;

  public ScrubCursor(List<Path> directories) {
    this.directories = directories;
  }

  /** The state that got furthest, or null when there is none. */
  ScrubState load() {
    ScrubState best = null;
    for (Path directory : directories) {
      Path file = directory.resolve(FILE);
      try {
        ScrubState state = Files.exists(file) ? ScrubState.ofLine(Files.readString(file)) : null;
        boolean further =
            state != null
                && (best == null
                    || state.passBegan() > best.passBegan()
                    || (state.passBegan() == best.passBegan() && state.next() > best.next()));
        best = further ? state : best;
      } catch (IOException e) {
        LOG.warn("{} cannot be read: scrubbing may read chunks again", file, e);
      }
    }
    return best;
  }

  void save(ScrubState state) {
    for (Path directory : directories) {
      Path file = directory.resolve(FILE);
      try {
        DurableFile.write(file, state.toLine());
      } catch (IOException e) {
        // A full or dead disk; the other directories have it, and whoever writes says the error.
        LOG.debug("{} cannot be written", file, e);
      }
    }
  }
}
