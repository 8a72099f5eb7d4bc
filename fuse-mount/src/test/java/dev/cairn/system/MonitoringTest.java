package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What the processes of a cluster count, read by the tools that will read it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MonitoringTest {

  private static final Pattern HTTP = Pattern.compile("\"http\": *\"http://([^\"]+)\"");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:cairn|jvm|process)_[a-z0-9_]+|\\bup\\b");

  private final HttpClient client = HttpClient.newHttpClient();
  private Path scratch;
  private Path monitoring;
  private TestCluster cluster;
  private Process prometheus;

  @BeforeAll
  void up(@TempDir Path directory) throws Exception {
    scratch = directory;
    monitoring = Shell.launcher().getParent().resolveSibling("docs").resolve("monitoring");
    cluster = new TestCluster(directory);
    cluster.up();
    cluster
        .bashIn(
            cluster.mountPoint(),
            "head -c 300000 /dev/urandom > f; sync f; cp f g; ls -l; cat f > /dev/null; ! cat none;"
                + " rm g")
        .well();
  }

  @AfterAll
  void down() throws Exception {
    if (prometheus != null) {
      prometheus.destroyForcibly();
      prometheus.waitFor(20, TimeUnit.SECONDS);
    }
    if (cluster != null) {
      cluster.end();
    }
  }

  /** The program of Prometheus: what is installed, or what scripts/check has unpacked. */
  private static String program(String name) throws IOException {
    List<Path> places = new ArrayList<>();
    for (String place : System.getenv("PATH").split(File.pathSeparator, -1)) {
      places.add(Path.of(place));
    }
    places.add(Shell.launcher().getParent().resolveSibling("target").resolve("prometheus/usr/bin"));
    return places.stream()
        .map(place -> place.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "there is no " + name + ": run scripts/check, or install Debian's prometheus"))
        .toString();
  }

  /** The HOST:PORT of the master, three chunk servers and the mount. */
  private List<String> targets() throws Exception {
    Matcher matcher = HTTP.matcher(cluster.cairn("status", "--json").out());
    List<String> targets = new ArrayList<>();
    while (matcher.find()) {
      targets.add(matcher.group(1));
    }
    return targets;
  }

  private HttpResponse<String> get(String target, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://" + target + path))
            .timeout(Duration.ofSeconds(30))
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  @Order(1)
  void everyProcess_isInTheStatus_andReady() throws Exception {
    List<String> targets = targets();
    assertEquals(5, targets.size(), targets::toString);
    for (String target : targets) {
      assertEquals(200, get(target, "/healthz").statusCode(), target);
      assertEquals("ok\n", get(target, "/readyz").body(), target);
    }
  }

  @Test
  @Order(2)
  void metrics_areAsPrometheusWantsThem() throws Exception {
    for (String target : targets()) {
      Path page = scratch.resolve("page");
      Files.writeString(page, get(target, "/metrics").body());
      Ran checked =
          cluster.bash("\"$1\" check metrics < \"$2\" 2>&1", program("promtool"), page).well();
      assertEquals("", checked.out(), target);
    }
  }

  @Test
  @Order(3)
  void rules_passTheirTests() throws Exception {
    cluster.run(program("promtool"), "check", "rules", monitoring + "/cairn.rules.yml").well();
    cluster.run(program("promtool"), "test", "rules", monitoring + "/cairn.rules.test.yml").well();
  }

  @Test
  @Order(4)
  void aKilledServer_raisesTheAlert_andRulesAndDashboardNameWhatThereIs() throws Exception {
    int port = freePort();
    List<String> targets = targets();
    start(targets, port);
    TestCluster.until(() -> query(port, "sum(up)").contains("\"5\""));
    Set<String> present = names(targets);
    cluster.kill("chunkserver-1");
    TestCluster.until(
        () -> firing(port).containsAll(Set.of("CairnProcessDown", "CairnServerDead")));
    present.addAll(names(List.of(targets.get(0))));
    // Of Prometheus itself.
    present.add("up");
    Set<String> absent = named();
    absent.removeAll(present);
    assertEquals(Set.of(), absent, "metrics that rules or dashboard name, and no process has");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Starts Prometheus with the rules, which wait for nothing here. */
  private void start(List<String> targets, int port) throws IOException {
    String rules = Files.readString(monitoring.resolve("cairn.rules.yml"));
    Files.writeString(scratch.resolve("quick.yml"), rules.replaceAll("(?m)^( +for:) .*$", "$1 0s"));
    Files.writeString(
        scratch.resolve("prometheus.yml"),
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            + "rule_files: [quick.yml]\n"
            + "scrape_configs:\n"
            + "  - job_name: cairn\n"
            + "    static_configs: [{targets: ["
            + targets.stream().map(target -> "'" + target + "'").collect(Collectors.joining(","))
            + "]}]\n");
    prometheus =
        new ProcessBuilder(
                program("prometheus"),
                "--config.file=" + scratch.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + scratch.resolve("tsdb"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("prometheus.log").toFile())
            .start();
  }

  private String query(int port, String expression) throws Exception {
    try {
      return get("127.0.0.1:" + port, "/api/v1/query?query=" + expression).body();
    } catch (IOException e) {
      assertTrue(prometheus.isAlive(), "Prometheus ended: " + scratch.resolve("prometheus.log"));
      return "";
    }
  }

  private Set<String> firing(int port) throws Exception {
    Set<String> firing = new TreeSet<>();
    Matcher alerts =
        Pattern.compile("\"alertname\":\"(\\w+)\"")
            .matcher(query(port, "ALERTS%7Balertstate=%22firing%22%7D"));
    while (alerts.find()) {
      firing.add(alerts.group(1));
    }
    return firing;
  }

  /** The names of all samples that these processes have. */
  private Set<String> names(List<String> targets) throws Exception {
    Set<String> names = new TreeSet<>();
    for (String target : targets) {
      get(target, "/metrics")
          .body()
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> names.add(line.split("[{ ]", 2)[0]));
    }
    return names;
  }

  /** The names in the expressions of rules and dashboard. */
  private Set<String> named() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String file : List.of("cairn.rules.yml", "grafana-dashboard.json")) {
      Files.readString(monitoring.resolve(file))
          .lines()
          .filter(line -> line.matches(" *\"?expr\"?: .*"))
          .forEach(
              line -> {
                Matcher metrics = METRIC.matcher(line);
                while (metrics.find()) {
                  names.add(metrics.group());
                }
              });
    }
    assertTrue(names.size() > 50, names::toString);
    return names;
  }

  @Test
  @Order(5)
  void everyAlert_hasALineThatSaysWhatToDo() throws IOException {
    String page = Files.readString(monitoring.resolveSibling("MONITORING.md"));
    Files.readString(monitoring.resolve("cairn.rules.yml"))
        .lines()
        .filter(line -> line.contains("- alert: "))
        .map(line -> line.substring(line.indexOf("Cairn")))
        .forEach(alert -> assertTrue(page.contains("### " + alert + "\n"), alert));
  }
}
