package dev.cairn.rpc.error;

import java.io.IOException;

/** Bytes that no server of ours sends. */
public final class OtherProtocolException extends IOException {

  private static final long serialVersionUID = 1L;

  public OtherProtocolException(String sentence) {
    super(sentence);
  }
}
