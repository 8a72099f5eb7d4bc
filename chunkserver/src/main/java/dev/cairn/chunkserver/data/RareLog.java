package dev.cairn.chunkserver.data;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warnings about what others send: at most one in ten seconds, with how many there were. */
final class RareLog {

  private static final Logger LOG = LoggerFactory.getLogger(DataPort.class);
  private static final long PERIOD_NANOS = 10_000_000_000L;

  private long nextNanos = System.nanoTime();
  private int unsaid;

  synchronized void warn(String message) {
    long now = System.nanoTime();
    if (now - nextNanos < 0) {
      unsaid++;
      return;
    }
    if (unsaid == 0) {
      LOG.warn("{}", message);
    } else {
      LOG.warn("{} (and {} like it before)", message, unsaid);
    }
    unsaid = 0;
    nextNanos = now + PERIOD_NANOS;
  }
}
