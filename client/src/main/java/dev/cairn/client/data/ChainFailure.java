package dev.cairn.client.data;

import dev.cairn.rpc.error.CairnException;
import java.io.IOException;

/** A chain that broke, and the server of it that did. */
public final class ChainFailure extends IOException {

  private static final long serialVersionUID = 1L;

  private final CairnException error;
  private final int serverId;

  ChainFailure(CairnException error, int serverId) {
    super(error.getMessage(), error);
    this.error = error;
    this.serverId = serverId;
  }

  public CairnException error() {
    return error;
  }

  /** The server at fault. */
  public int serverId() {
    return serverId;
  }
}
