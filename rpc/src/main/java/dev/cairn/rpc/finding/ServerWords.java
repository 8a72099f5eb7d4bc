package dev.cairn.rpc.finding;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DrainStatus;

/** How messages speak of a chunk server. */
public final class ServerWords {

  private ServerWords() {}

  /** How messages name it. */
  public static String name(ChunkServerStatus server) {
    return "chunk server "
        + server.getServerId()
        + " at "
        + new HostPort(server.getHost(), server.getDataPort());
  }

  /** What is left, how long it will take, and why it waits. */
  public static String progress(DrainStatus drain) {
    if (drain.getDone()) {
      return "drained";
    }
    if (drain.getUncounted()) {
      return drain.getWaits();
    }
    String left =
        ShownText.count(drain.getChunksLeft(), "chunk", "chunks")
            + " left, "
            + SizeInBytes.show(drain.getBytesLeft())
            + (drain.getMillisLeft() == 0
                ? ""
                : ", about " + ShownText.time(drain.getMillisLeft()));
    return drain.getWaits().isEmpty() ? left : left + "; waits: " + drain.getWaits();
  }
}
