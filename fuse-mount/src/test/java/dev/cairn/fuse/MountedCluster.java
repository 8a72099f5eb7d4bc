package dev.cairn.fuse;

import dev.cairn.fuse.kernel.KernelBinding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A whole cluster, started and mounted as users do it. */
final class MountedCluster implements MountUnderTest {

  private final Path home;
  private final dev.cairn.system.Shell commands;

  private MountedCluster(Path home) {
    this.home = home;
    commands = new dev.cairn.system.Shell(home);
  }

  static MountedCluster start() throws IOException {
    String reason = new KernelBinding().whyNot();
    Assumptions.assumeTrue(reason == null, reason);
    MountedCluster cluster =
        new MountedCluster(Files.createTempDirectory("cairn-cluster-").toRealPath());
    cluster.cairn("up", "--dir", cluster.directory().toString(), "--mount", cluster.root() + "");
    return cluster;
  }

  private void cairn(String... arguments) throws IOException {
    try {
      commands.cairn(arguments).well();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private Path directory() {
    return home.resolve("cluster");
  }

  @Override
  public Path root() {
    return home.resolve("mnt");
  }

  @Override
  public String log() {
    try {
      return Files.readString(directory().resolve("log/mount.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    cairn("down", "--dir", directory().toString());
    List<Path> left;
    try (Stream<Path> all = Files.walk(home)) {
      left = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : left) {
      Files.delete(path);
    }
  }
}
