package dev.cairn.fuse;

import dev.cairn.client.local.MountTable;
import dev.cairn.fuse.jnr.JnrBinding;
import dev.cairn.fuse.kernel.KernelBinding;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Files in memory, mounted by a process of their own at one or more places, and a shell to use them
 * with. Leaves nothing behind when closed, whatever became of the process.
 */
final class Mounted implements MountUnderTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path home;
  private final List<Path> roots;
  private final List<String> command;
  private Process server;

  private Mounted(Path home, List<Path> roots, List<String> command) {
    this.home = home;
    this.roots = roots;
    this.command = command;
  }

  /** Mounts once; skips the test where this binding cannot be used. */
  static Mounted start(String binding, String... options) throws IOException {
    return start(binding, 1, options);
  }

  static Mounted start(String binding, int places, String... options) throws IOException {
    String reason = (binding.equals("kernel") ? new KernelBinding() : new JnrBinding()).whyNot();
    Assumptions.assumeTrue(reason == null, reason);
    Path home = Files.createTempDirectory("cairn-mounted-").toRealPath();
    List<Path> roots = new ArrayList<>();
    for (int i = 0; i < places; i++) {
      roots.add(Files.createDirectory(home.resolve("mount" + i)));
    }
    List<String> command = new ArrayList<>(java());
    command.addAll(List.of(MountMain.class.getName(), "--binding", binding));
    command.addAll(List.of("--ready-file", home.resolve("ready").toString()));
    command.addAll(List.of(options));
    roots.forEach(root -> command.add(root.toString()));
    Mounted mounted = new Mounted(home, roots, command);
    mounted.startServer();
    return mounted;
  }

  /** How this JVM would start another one with our classes. */
  static List<String> java() {
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(List.of("-Xmx768m", "-XX:MaxDirectMemorySize=128m", "-XX:+UseSerialGC"));
    if (Runtime.version().feature() >= 24) {
      java.add("--enable-native-access=ALL-UNNAMED");
      java.add("--sun-misc-unsafe-memory-access=allow");
    }
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    java.addAll(List.of("-cp", classPath));
    return java;
  }

  /** Starts the process, again if it has ended, and waits until the mount is there. */
  void startServer() throws IOException {
    Path ready = home.resolve("ready");
    Files.deleteIfExists(ready);
    File log = home.resolve("log").toFile();
    server =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
    await("the mount is ready", () -> Files.exists(ready) || !server.isAlive());
    Assertions.assertTrue(server.isAlive(), () -> "the mount did not start: " + log());
  }

  @Override
  public Path root() {
    return roots.get(0);
  }

  Path root(int place) {
    return roots.get(place);
  }

  Process server() {
    return server;
  }

  @Override
  public String log() {
    try {
      return Files.readString(home.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the process the polite way. */
  void terminate() {
    server.destroy();
    await("the process ends", () -> !server.isAlive());
  }

  /** Ends the process as a crash would. */
  void kill() {
    server.destroyForcibly();
    await("the process ends", () -> !server.isAlive());
  }

  boolean isMounted(Path root) {
    try {
      return MountTable.read().at(root).isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      Assertions.assertTrue(System.nanoTime() < deadline, () -> "waited in vain until " + what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Override
  public void close() throws IOException {
    server.destroy();
    try {
      if (!server.waitFor(20, TimeUnit.SECONDS)) {
        server.destroyForcibly();
        server.waitFor(20, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    for (Path root : roots) {
      if (isMounted(root)) {
        new Shell(home, this::log).run("umount -l " + root);
      }
      Files.deleteIfExists(root);
    }
    Files.deleteIfExists(home.resolve("ready"));
    Files.deleteIfExists(home.resolve("log"));
    Files.delete(home);
  }
}
