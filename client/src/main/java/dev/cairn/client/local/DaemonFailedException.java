package dev.cairn.client.local;

import java.io.IOException;
import java.util.List;

/** A process of a local cluster that did not start, with what it said last. */
public final class DaemonFailedException extends IOException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> logEnd;

  DaemonFailedException(String sentence, List<String> logEnd) {
    super(sentence);
    this.logEnd = logEnd;
  }

  public List<String> logEnd() {
    return logEnd;
  }
}
