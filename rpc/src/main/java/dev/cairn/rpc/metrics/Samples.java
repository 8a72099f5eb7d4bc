package dev.cairn.rpc.metrics;

import dev.cairn.rpc.Check;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Metrics and their values at one time. Labels are given as names and values in turn; all samples
 * of a metric have the same ones.
 */
public final class Samples {

  private static final String TOTAL = "_total";

  private enum Kind {
    GAUGE,
    COUNTER,
    HISTOGRAM
  }

  private record Family(Kind kind, MetricMetadata metadata, List<DataPointSnapshot> points) {

    MetricSnapshot snapshot() {
      return switch (kind) {
        case GAUGE -> new GaugeSnapshot(metadata, all(GaugeDataPointSnapshot.class));
        case COUNTER -> new CounterSnapshot(metadata, all(CounterDataPointSnapshot.class));
        case HISTOGRAM -> new HistogramSnapshot(metadata, all(HistogramDataPointSnapshot.class));
      };
    }

    private <T> List<T> all(Class<T> type) {
      return points.stream().map(type::cast).toList();
    }
  }

  private final Map<String, Family> families = new LinkedHashMap<>();

  Samples() {}

  /** A value that goes up and down. */
  public void gauge(String name, String help, double value, String... labels) {
    add(Kind.GAUGE, name, help, new GaugeDataPointSnapshot(value, Labels.of(labels), null));
  }

  /** A count that goes up and down. */
  public void gauge(String name, String help, long count, String... labels) {
    gauge(name, help, (double) count, labels);
  }

  /** A value that only grows while the process runs; the name ends with {@code _total}. */
  public void counter(String name, String help, double value, String... labels) {
    Check.that(name.endsWith(TOTAL), "the counter %s is not named like one", name);
    add(
        Kind.COUNTER,
        name.substring(0, name.length() - TOTAL.length()),
        help,
        new CounterDataPointSnapshot(value, Labels.of(labels), null, 0));
  }

  /** A count that only grows while the process runs; the name ends with {@code _total}. */
  public void counter(String name, String help, long count, String... labels) {
    counter(name, help, (double) count, labels);
  }

  /** How long something took; the name ends with {@code _seconds}. */
  public void latency(String name, String help, Latency latency, String... labels) {
    Check.that(name.endsWith("_seconds"), "the histogram %s does not say its unit", name);
    add(
        Kind.HISTOGRAM,
        name,
        help,
        new HistogramDataPointSnapshot(
            ClassicHistogramBuckets.of(Latency.bounds(), boxed(latency.counts())),
            latency.sumSeconds(),
            Labels.of(labels),
            null,
            0));
  }

  private static Number[] boxed(long[] counts) {
    Number[] boxed = new Number[counts.length];
    for (int i = 0; i < counts.length; i++) {
      boxed[i] = counts[i];
    }
    return boxed;
  }

  /**
   * What a port served: {@code PREFIXs_total} by result, {@code PREFIX_duration_seconds}, and
   * {@code PREFIXs_in_progress}, each with the kind of request as a label. Kinds that did not occur
   * are left out.
   *
   * @param what one request, for the help texts
   */
  public void operations(String prefix, String label, String what, Operations operations) {
    operations
        .all()
        .forEach(
            (name, operation) -> {
              long underWay = operation.underWay();
              if (underWay == 0 && operation.latency().count() == 0) {
                return;
              }
              operation.results(
                  (result, count) ->
                      counter(
                          prefix + "s_total",
                          "Number of " + what + "s, by " + label + " and result.",
                          count,
                          label,
                          name,
                          "result",
                          operations.result(result)));
              latency(
                  prefix + "_duration_seconds",
                  "Time from the begin of a " + what + " to its reply.",
                  operation.latency(),
                  label,
                  name);
              gauge(
                  prefix + "s_in_progress",
                  "Number of " + what + "s that have no reply yet.",
                  underWay,
                  label,
                  name);
            });
  }

  private void add(Kind kind, String name, String help, DataPointSnapshot point) {
    Family family =
        families.computeIfAbsent(
            name, key -> new Family(kind, new MetricMetadata(key, help), new ArrayList<>()));
    Check.that(family.kind() == kind, "the metric %s is of two kinds", name);
    family.points().add(point);
  }

  List<MetricSnapshot> snapshots() {
    return families.values().stream().map(Family::snapshot).toList();
  }
}
