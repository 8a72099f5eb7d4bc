package dev.cairn.client.local;

import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ports at which the processes of a local cluster serve metrics, kept in its {@code http.conf}:
 * lines of {@code NAME = PORT}. A process keeps its port as long as nobody else takes it.
 */
final class HttpPorts {

  private static final Pattern LINE = Pattern.compile("(\\S+) = (\\d{1,5})");

  private HttpPorts() {}

  /** Where that process is to serve metrics. */
  static HostPort of(ClusterDirectory directory, String daemon) throws IOException {
    Map<String, Integer> ports = read(directory.httpPorts());
    Integer port = ports.get(daemon);
    if (port == null || !Ports.isFree(port)) {
      Set<Integer> taken = new HashSet<>(ports.values());
      taken.addAll(read(directory.settings()).values());
      port = Ports.farFromOthers(directory, taken).free();
      ports.put(daemon, port);
      write(directory.httpPorts(), ports);
    }
    return new HostPort(ClusterSettings.HOST, port);
  }

  private static Map<String, Integer> read(Path file) throws IOException {
    Map<String, Integer> ports = new TreeMap<>();
    if (Files.exists(file)) {
      int number = 0;
      for (String line : Files.readAllLines(file)) {
        Matcher matcher = LINE.matcher(line);
        if (matcher.matches()) {
          // The keys of the settings occur more than once.
          String key = ports.containsKey(matcher.group(1)) ? "" + ++number : matcher.group(1);
          ports.put(key, Integer.valueOf(matcher.group(2)));
        }
      }
    }
    return ports;
  }

  private static void write(Path file, Map<String, Integer> ports) throws IOException {
    StringBuilder text = new StringBuilder("# Where the processes serve metrics, on loopback.\n");
    ports.forEach((name, port) -> text.append(name).append(" = ").append(port).append('\n'));
    DurableFile.write(file, text.toString());
  }
}
