package dev.cairn.rpc.metrics;

import dev.cairn.rpc.Version;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All metrics of this process: those of its components, and the JVM's. */
final class Metrics {

  private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);
  private static final int USUAL_BYTES = 64 << 10;

  private final List<Source> sources = new CopyOnWriteArrayList<>();
  private final String component;

  /** Made when it is asked for first: it starts much of the JVM that is not needed otherwise. */
  private PrometheusRegistry jvm;

  /**
   * Metrics of the JVM only.
   *
   * @param component what this process is: {@code master}, {@code chunkserver}, {@code mount}
   */
  Metrics(String component) {
    this.component = component;
  }

  void add(Source source) {
    sources.add(source);
  }

  /** A text, and in which format it is. */
  record Page(String contentType, String text) {}

  /**
   * What all metrics are now.
   *
   * @param accept the formats that the asker understands, as HTTP has it
   */
  synchronized Page page(String accept) throws IOException {
    OpenMetricsTextFormatWriter open =
        OpenMetricsTextFormatWriter.builder().setCreatedTimestampsEnabled(false).build();
    ExpositionFormatWriter writer =
        open.accepts(accept) ? open : PrometheusTextFormatWriter.builder().build();
    ByteArrayOutputStream text = new ByteArrayOutputStream(USUAL_BYTES);
    writer.write(text, snapshots());
    return new Page(writer.getContentType(), text.toString(StandardCharsets.UTF_8));
  }

  private MetricSnapshots snapshots() {
    if (jvm == null) {
      jvm = new PrometheusRegistry();
      JvmMetrics.builder().register(jvm);
    }
    Samples samples = new Samples();
    samples.gauge(
        "cairn_build_info",
        "1, with the version of this process and what it is.",
        1,
        "component",
        component,
        "version",
        Version.number());
    long failed = sources.stream().filter(source -> !collected(source, samples)).count();
    samples.gauge(
        "cairn_scrape_failed_sources",
        "Number of components whose metrics are not complete here, since reading them failed.",
        failed);
    List<MetricSnapshot> all = new ArrayList<>(samples.snapshots());
    jvm.scrape().forEach(all::add);
    return new MetricSnapshots(all);
  }

  /** A boundary: one component's fault does not hide the others. */
  private static boolean collected(Source source, Samples samples) {
    try {
      source.collect(samples);
      return true;
    } catch (RuntimeException e) {
      LOG.error("metrics could not be read", e);
      return false;
    }
  }
}
