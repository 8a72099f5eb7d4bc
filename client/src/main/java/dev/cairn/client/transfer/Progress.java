package dev.cairn.client.transfer;

import dev.cairn.rpc.SizeInBytes;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * A progress bar on a terminal: bytes, rate and the time that is left. Redrawn in place by a thread
 * of its own; the total may become known while bytes already flow.
 */
public final class Progress implements LongConsumer, AutoCloseable {

  private static final int PERIOD_MILLIS = 200;
  private static final int LEAST_BAR_COLUMNS = 10;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintWriter terminal;
  private final int columns;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong total = new AtomicLong();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "progress");
            thread.setDaemon(true);
            return thread;
          });

  public Progress(PrintWriter terminal, int columns, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.columns = columns;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
    clock.scheduleAtFixedRate(this::draw, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** So many bytes more are to come. */
  public void expect(long bytes) {
    total.addAndGet(bytes);
  }

  /** So many bytes have been transferred. */
  @Override
  public void accept(long bytes) {
    done.addAndGet(bytes);
  }

  /** Takes the bar away for as long as it takes to say something. */
  public synchronized void interrupt(Runnable saying) {
    terminal.print(CLEAR_LINE);
    terminal.flush();
    saying.run();
  }

  private synchronized void draw() {
    terminal.print(CLEAR_LINE + line());
    terminal.flush();
  }

  synchronized String line() {
    long bytes = done.get();
    long all = Math.max(total.get(), bytes);
    double seconds = Math.max(1e-3, (nanoTime.getAsLong() - startNanos) / 1e9);
    double rate = bytes / seconds;
    String left =
        total.get() == 0 || bytes == 0 ? "" : "  " + clock((all - bytes) / rate) + " left";
    String text =
        (total.get() == 0 ? "" : String.format(Locale.ROOT, "%3d%% ", 100 * bytes / all))
            + SizeInBytes.show(bytes)
            + (total.get() == 0 ? "" : " of " + SizeInBytes.show(all))
            + String.format("  %s/s", SizeInBytes.show((long) rate))
            + left;
    int bar = Math.min(40, columns - text.length() - 5);
    if (total.get() == 0 || bar < LEAST_BAR_COLUMNS) {
      return text;
    }
    int filled = (int) (bar * bytes / all);
    return "[" + "#".repeat(filled) + " ".repeat(bar - filled) + "] " + text;
  }

  private static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? String.format("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
        : String.format("%d:%02d", whole / 60, whole % 60);
  }

  /** Leaves the last state on the terminal. */
  @Override
  public void close() {
    clock.shutdownNow();
    draw();
    terminal.println();
    terminal.flush();
  }
}
