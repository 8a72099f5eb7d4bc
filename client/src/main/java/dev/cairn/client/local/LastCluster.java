package dev.cairn.client.local;

import dev.cairn.rpc.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Remembers, for each user, in which directory a cluster was started last: in {@code last-cluster}
 * under {@code $XDG_STATE_HOME/cairn}, which is {@code ~/.local/state/cairn} where that is not set.
 */
public final class LastCluster {

  private final Path state;

  public LastCluster(Path state) {
    this.state = state;
  }

  public static LastCluster of(Map<String, String> environment) {
    String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
    Path home = Path.of(System.getProperty("user.home"));
    return new LastCluster(
        (xdg.startsWith("/") ? Path.of(xdg) : home.resolve(".local").resolve("state"))
            .resolve("cairn"));
  }

  /** The directory of the cluster that was started last; null when there is none. */
  public Path read() throws IOException {
    Path file = file();
    if (!Files.exists(file)) {
      return null;
    }
    List<String> lines = Files.readAllLines(file);
    Path directory = lines.isEmpty() ? null : Path.of(lines.get(0));
    boolean gone = directory == null || !Files.exists(new ClusterDirectory(directory).settings());
    return gone ? null : directory;
  }

  /** The directory to use where none is said. */
  public Path orUsual() throws IOException {
    Path last = read();
    return last != null ? last : state.resolve("local");
  }

  /** Where Cairn keeps what it remembers for the user between commands. */
  public Path state() {
    return state;
  }

  public void write(Path directory) throws IOException {
    DurableFile.write(file(), directory.toAbsolutePath() + "\n");
  }

  private Path file() {
    return state.resolve("last-cluster");
  }
}
