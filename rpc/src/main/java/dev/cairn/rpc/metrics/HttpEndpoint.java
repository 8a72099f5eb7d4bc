package dev.cairn.rpc.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves what this process counts and whether it is well, to whoever asks by HTTP: {@code
 * /metrics}, {@code /healthz}, which says that the process lives, and {@code /readyz}, which says
 * whether it serves and why not. Nothing can be changed here.
 *
 * <p>The JDK's server bounds connections and their times by system properties, which it reads when
 * it is first used; what the user has set of them stays.
 */
public final class HttpEndpoint implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);

  /** A scrape, and a question for health meanwhile. */
  private static final int THREADS = 2;

  private static final int BACKLOG = 16;
  private static final int LEAST_COMPRESSED_BYTES = 1024;
  private static final String TEXT = "text/plain; charset=utf-8";

  static {
    bound("jdk.httpserver.maxConnections", 64);
    bound("sun.net.httpserver.maxIdleConnections", 16);
    // In seconds: for a request's bytes to come, and for a reply's to go.
    bound("sun.net.httpserver.maxReqTime", 5);
    bound("sun.net.httpserver.maxRspTime", 30);
  }

  private final HttpServer server;
  private final ExecutorService threads;
  private final HostPort address;
  private final Metrics metrics;
  private volatile Supplier<String> whyNotReady = () -> "it is starting";

  private HttpEndpoint(HttpServer server, ExecutorService threads, HostPort at, Metrics metrics) {
    this.server = server;
    this.threads = threads;
    this.address = new HostPort(at.host(), server.getAddress().getPort());
    this.metrics = metrics;
  }

  private static void bound(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  /**
   * Begins to serve.
   *
   * @param at port 0 takes any
   * @param component what this process is, in a word
   */
  public static HttpEndpoint open(HostPort at, String component) throws IOException {
    InetSocketAddress socket = at.resolve();
    if (socket.isUnresolved()) {
      throw ErrorCode.IO.because("--http: the host '" + at.host() + "' is not known");
    }
    HttpServer server;
    try {
      server = HttpServer.create(socket, BACKLOG);
    } catch (IOException e) {
      throw ErrorCode.IO.because(
          "cannot serve metrics at "
              + at
              + " ("
              + e.getMessage()
              + "): choose another address with --http",
          e);
    }
    ExecutorService threads = Executors.newFixedThreadPool(THREADS, HttpEndpoint::thread);
    server.setExecutor(threads);
    HttpEndpoint endpoint = new HttpEndpoint(server, threads, at, new Metrics(component));
    server.createContext("/", endpoint::serve);
    server.start();
    return endpoint;
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "http");
    thread.setDaemon(true);
    return thread;
  }

  /** Adds the metrics of a component. */
  public void add(Source source) {
    metrics.add(source);
  }

  /**
   * From now on, readiness is what this says.
   *
   * @param whyNot for the end of a sentence; empty when the process serves
   */
  public void readiness(Supplier<String> whyNot) {
    whyNotReady = whyNot;
  }

  /** Where it listens. */
  public HostPort address() {
    return address;
  }

  /**
   * The URL for others.
   *
   * @param host where others reach this machine, for an endpoint that listens at all addresses
   */
  public String url(String host) {
    if (!isEverywhere(address.host())) {
      return "http://" + address;
    }
    return "http://" + new HostPort(isEverywhere(host) ? nameOfMachine() : host, address.port());
  }

  private static boolean isEverywhere(String host) {
    InetAddress address = new HostPort(host, 0).resolve().getAddress();
    return address != null && address.isAnyLocalAddress();
  }

  private static String nameOfMachine() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      LOG.debug("this machine has no name", e);
      return "localhost";
    }
  }

  /** The boundary of a request. */
  private void serve(HttpExchange exchange) {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        answer(exchange, 405, TEXT, "only GET is served here\n");
        return;
      }
      switch (exchange.getRequestURI().getPath()) {
        case "/metrics" -> metrics(exchange);
        case "/healthz" -> answer(exchange, 200, TEXT, "ok\n");
        case "/readyz" -> ready(exchange);
        default -> answer(exchange, 404, TEXT, "there is /metrics, /healthz and /readyz\n");
      }
    } catch (IOException e) {
      LOG.debug("{} was not answered", exchange.getRemoteAddress(), e);
    } catch (RuntimeException e) {
      LOG.error("a request by HTTP failed", e);
    }
  }

  private void ready(HttpExchange exchange) throws IOException {
    String whyNot = whyNotReady.get();
    if (whyNot.isEmpty()) {
      answer(exchange, 200, TEXT, "ok\n");
    } else {
      answer(exchange, 503, TEXT, "not ready: " + whyNot + "\n");
    }
  }

  private void metrics(HttpExchange exchange) throws IOException {
    Metrics.Page page = metrics.page(exchange.getRequestHeaders().getFirst("Accept"));
    answer(exchange, 200, page.contentType(), page.text());
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    answer(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] text)
      throws IOException {
    byte[] body = text;
    exchange.getResponseHeaders().set("Content-Type", type);
    String encodings = exchange.getRequestHeaders().getFirst("Accept-Encoding");
    if (text.length >= LEAST_COMPRESSED_BYTES && encodings != null && encodings.contains("gzip")) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      body = compressed(text);
    }
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private static byte[] compressed(byte[] text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length / 8);
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
