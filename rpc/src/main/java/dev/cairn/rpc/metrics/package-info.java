/**
 * What a process counts, and how that is read over HTTP.
 *
 * <p>Code that counts owns its counters: a {@link java.util.concurrent.atomic.LongAdder}, a {@link
 * dev.cairn.rpc.metrics.Latency}, or the {@link dev.cairn.rpc.metrics.Operation}s of a {@link
 * dev.cairn.rpc.metrics.Operations}, each found once and then kept. Counting looks nothing up,
 * takes no lock and knows no name. One {@link dev.cairn.rpc.metrics.Source} for each component
 * reads them when somebody asks, and is the list of its metrics: names by the conventions of
 * Prometheus, help texts, labels. So a process that nobody asks pays for the counting alone.
 *
 * <p>{@link dev.cairn.rpc.metrics.HttpEndpoint} serves {@code /metrics}, {@code /healthz} and
 * {@code /readyz}. A scrape runs on one of its two threads. A source may take locks, but must not
 * wait for other machines.
 */
package dev.cairn.rpc.metrics;
