package dev.cairn.rpc.command;

import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.metrics.HttpEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options that every process which stays has in common; a picocli mixin. */
public final class DaemonOptions {

  @Option(
      names = "--ready-file",
      paramLabel = "FILE",
      description =
          "Write this file once everything works: the first line is the address listened at, or the"
              + " mount point.")
  private Path readyFile;

  @Option(
      names = "--pid-file",
      paramLabel = "FILE",
      description = "Write the process id to this file, and remove it at the end.")
  private Path pidFile;

  @Option(
      names = "--http",
      defaultValue = "",
      paramLabel = "HOST:PORT",
      description =
          "Serve metrics and health by HTTP at this address: /metrics, /healthz, /readyz; port 0"
              + " takes any. Anyone who reaches it can read them (default: not at all).")
  private String http;

  /** Begins to serve metrics and health, if that is wanted; as {@link HttpEndpoint#open}. */
  public Optional<HttpEndpoint> serveHttp(String component) throws IOException {
    return http.isEmpty()
        ? Optional.empty()
        : Optional.of(HttpEndpoint.open(HostPort.parse(http), component));
  }

  /** As if the user had given this address, who gave none. */
  public void httpOtherwise(String address) {
    http = http.isEmpty() ? address : http;
  }

  /** Says that the process serves now: writes the pid file, then the ready file, each at once. */
  public void ready(String address) throws IOException {
    if (pidFile != null) {
      DurableFile.write(pidFile, ProcessHandle.current().pid() + "\n");
      Runtime.getRuntime().addShutdownHook(new Thread(this::removeFiles, "remove-pid-file"));
    }
    if (readyFile != null) {
      DurableFile.write(readyFile, address + "\n");
    }
  }

  /** The files that {@link #ready} writes. */
  public List<Path> files() {
    return Stream.of(readyFile, pidFile).filter(Objects::nonNull).toList();
  }

  private void removeFiles() {
    try {
      Files.deleteIfExists(pidFile);
    } catch (IOException e) {
      System.err.println("cannot remove " + pidFile + ": " + CommandRunner.oneLine(e));
    }
  }
}
