package dev.cairn.rpc.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpEndpointTest {

  private static final HostPort ANY = new HostPort("127.0.0.1", 0);

  private final HttpClient client = HttpClient.newHttpClient();
  private HttpEndpoint endpoint;

  @BeforeEach
  void open() throws IOException {
    endpoint = HttpEndpoint.open(ANY, "test");
  }

  @AfterEach
  void close() {
    endpoint.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + endpoint.address() + path));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  @Test
  void health_isWellWhileTheProcessLives() throws Exception {
    assertEquals(200, get("/healthz").statusCode());
  }

  @Test
  void readiness_saysWhyNot() throws Exception {
    assertEquals("not ready: it is starting\n", get("/readyz").body());
    endpoint.readiness(() -> "the disk is away");
    HttpResponse<String> away = get("/readyz");
    assertEquals(503, away.statusCode());
    assertEquals("not ready: the disk is away\n", away.body());
    endpoint.readiness(() -> "");
    assertEquals(200, get("/readyz").statusCode());
  }

  @Test
  void metrics_areTextForPeople() throws Exception {
    endpoint.add(into -> into.counter("cairn_things_total", "Things.", 3, "kind", "a\"b"));
    HttpResponse<String> page = get("/metrics");
    assertEquals(200, page.statusCode());
    assertTrue(page.headers().firstValue("Content-Type").orElse("").startsWith("text/plain"));
    assertTrue(page.body().contains("# TYPE cairn_things_total counter\n"), page.body());
    assertTrue(page.body().contains("cairn_things_total{kind=\"a\\\"b\"} 3.0\n"), page.body());
    assertTrue(page.body().contains("jvm_memory_used_bytes"), page.body());
  }

  @Test
  void metrics_areOpenMetricsForThoseWhoAsk() throws Exception {
    endpoint.add(into -> into.counter("cairn_things_total", "Things.", 3));
    HttpResponse<String> page =
        client.send(
            request("/metrics")
                .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
                .build(),
            BodyHandlers.ofString());
    assertTrue(
        page.headers().firstValue("Content-Type").orElse("").startsWith("application/openmetrics"));
    assertTrue(page.body().contains("# TYPE cairn_things counter\n"), page.body());
    assertTrue(page.body().endsWith("# EOF\n"), page.body());
  }

  @Test
  void metrics_areCompressedForThoseWhoAsk() throws Exception {
    HttpResponse<byte[]> page =
        client.send(
            request("/metrics").header("Accept-Encoding", "gzip").build(),
            BodyHandlers.ofByteArray());
    assertEquals("gzip", page.headers().firstValue("Content-Encoding").orElse(""));
    try (GZIPInputStream text = new GZIPInputStream(new ByteArrayInputStream(page.body()))) {
      assertTrue(
          new String(text.readAllBytes(), StandardCharsets.UTF_8).contains("cairn_build_info"));
    }
  }

  @Test
  void aFaultOfOneSource_hidesNoOther() throws Exception {
    endpoint.add(
        into -> {
          throw new IllegalStateException("for the test");
        });
    endpoint.add(into -> into.gauge("cairn_other", "Another.", 7));
    String page = get("/metrics").body();
    assertTrue(page.contains("cairn_other 7.0\n"), page);
    assertTrue(page.contains("cairn_scrape_failed_sources 1.0\n"), page);
  }

  @Test
  void onlyReading_isServed() throws Exception {
    HttpResponse<String> posted =
        client.send(
            request("/metrics").POST(BodyPublishers.ofString("x")).build(),
            BodyHandlers.ofString());
    assertEquals(405, posted.statusCode());
    assertEquals("GET", posted.headers().firstValue("Allow").orElse(""));
  }

  @Test
  void otherPaths_areNotThere() throws Exception {
    for (String path : new String[] {"/", "/metrics/", "/metrics/../etc/passwd", "//metrics"}) {
      assertEquals(404, raw("GET " + path + " HTTP/1.0\r\n\r\n"), path);
    }
  }

  @Test
  void nonsense_endsNothing() throws Exception {
    for (int i = 0; i < 20; i++) {
      raw("\0\1\2\r\n\r\n");
      raw("GET http://[ HTTP/1.1\r\n\r\n");
    }
    assertEquals(200, get("/healthz").statusCode());
  }

  /** The status of the answer; 0 when there is none. */
  private int raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.address().port())) {
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      String[] words = answer.split(" ", 3);
      return words.length > 1 ? Integer.parseInt(words[1]) : 0;
    }
  }

  @Test
  void anAddressInUse_isRefusedInASentence() {
    CairnException e =
        assertThrows(CairnException.class, () -> HttpEndpoint.open(endpoint.address(), "test"));
    assertTrue(e.getMessage().contains("choose another address with --http"), e.getMessage());
  }

  @Test
  void theUrl_namesAHostThatOthersReach() throws Exception {
    assertEquals("http://127.0.0.1:" + endpoint.address().port(), endpoint.url("elsewhere"));
    try (HttpEndpoint everywhere = HttpEndpoint.open(new HostPort("0.0.0.0", 0), "test")) {
      int port = everywhere.address().port();
      assertEquals("http://storage7:" + port, everywhere.url("storage7"));
      assertFalse(everywhere.url("0.0.0.0").contains("0.0.0.0"));
    }
  }
}
