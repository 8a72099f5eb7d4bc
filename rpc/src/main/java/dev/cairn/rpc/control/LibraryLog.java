package dev.cairn.rpc.control;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * Takes what gRPC logs with java.util.logging into the process's log. Our own errors say all of it
 * that concerns people, so that only severe faults are said there, in one line; the rest, with
 * stack traces, is for debugging.
 */
final class LibraryLog extends Handler {

  private final SimpleFormatter formatter = new SimpleFormatter();

  private LibraryLog() {}

  /** Replaces the handlers that would write to standard error. */
  static void install() {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(Level.INFO);
    root.addHandler(new LibraryLog());
  }

  @Override
  public void publish(LogRecord record) {
    org.slf4j.Logger log = LoggerFactory.getLogger("grpc");
    Throwable thrown = record.getThrown();
    if (record.getLevel().intValue() >= Level.SEVERE.intValue()) {
      log.warn("{}{}", text(record), thrown == null ? "" : ": " + thrown);
    }
    if (log.isDebugEnabled()) {
      log.debug("{}: {}", record.getLoggerName(), text(record), thrown);
    }
  }

  private String text(LogRecord record) {
    return formatter.formatMessage(record);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
