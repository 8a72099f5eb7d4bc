package dev.cairn.fuse;

import dev.cairn.client.vfs.MemoryVfs;
import dev.cairn.fuse.jnr.JnrBinding;
import dev.cairn.fuse.kernel.KernelBinding;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.command.DaemonOptions;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Mounts a {@link MemoryVfs} from a process of its own, at several places when asked, each then a
 * client of its own to the same files. Unmounts on SIGTERM.
 */
@Command(name = "mount-memory")
public final class MountMain implements Callable<Integer> {

  private static final Map<String, Supplier<Binding>> BINDINGS =
      Map.of("kernel", KernelBinding::new, "jnr", JnrBinding::new);

  @Option(names = "--binding", required = true)
  private String binding;

  @Option(names = "--threads")
  private int threads = 4;

  @Option(names = "--cache-millis")
  private int cacheMillis = MountSettings.DEFAULT_CACHE_MILLIS;

  @Option(names = "--read-only")
  private boolean readOnly;

  @Option(names = "--no-allow-other")
  private boolean ownerOnly;

  @Option(names = "--answer-later", description = "Answer from other threads than the caller's.")
  private boolean answerLater;

  @Parameters(arity = "1..*")
  private List<Path> mountPoints;

  @Mixin private DaemonOptions daemon;

  public static void main(String[] arguments) {
    System.exit(CommandRunner.run(new MountMain(), arguments));
  }

  @Override
  public Integer call() throws Exception {
    MemoryVfs files =
        answerLater ? new MemoryVfs(Executors.newFixedThreadPool(2)) : new MemoryVfs();
    Deque<Binding.Mount> mounts = new ArrayDeque<>();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> mounts.forEach(Binding.Mount::close), "unmount"));
    for (Path mountPoint : mountPoints) {
      MountSettings settings =
          new MountSettings(
              mountPoint.toAbsolutePath(),
              "cairn:memory",
              !ownerOnly,
              readOnly,
              threads,
              cacheMillis);
      mounts.add(named(binding).mount(files.anotherClient(), settings));
    }
    daemon.ready(mountPoints.get(0).toString());
    for (Binding.Mount mount : mounts) {
      mount.awaitEnd();
    }
    return CommandRunner.OK;
  }

  private static Binding named(String name) {
    Supplier<Binding> binding = BINDINGS.get(name);
    if (binding == null) {
      throw new IllegalArgumentException("there is no binding '" + name + "'");
    }
    return binding.get();
  }
}
