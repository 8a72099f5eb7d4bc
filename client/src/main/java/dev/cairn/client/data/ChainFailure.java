package dev.cairn.client.data;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;

/** A chain that broke, and the server of it that did. */
public final class ChainFailure extends IOException {

  private static final long serialVersionUID = 1L;

  private final CairnException error;
  private final int serverId;
  private final boolean stale;

  ChainFailure(CairnException error, int serverId) {
    this(error, serverId, false);
  }

  ChainFailure(CairnException error, int serverId, boolean stale) {
    super(error.getMessage(), error);
    this.error = error;
    this.serverId = serverId;
    this.stale = stale;
  }

  /** The chain may have been broken for long, while nobody used it: that says nothing of now. */
  public boolean isStale() {
    return stale;
  }

  public CairnException error() {
    return error;
  }

  /** The server at fault. */
  public int serverId() {
    return serverId;
  }
}
