package dev.cairn.chunkserver;

import dev.cairn.chunkserver.data.DataPortSettings;
import dev.cairn.chunkserver.scrub.ScrubSettings;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;

/**
 * What a chunk server is started with.
 *
 * @param advertise the host others reach this server at; empty to find it out
 * @param zone replicas are kept in different zones; empty when there are none
 */
public record ChunkServerSettings(
    Masters masters,
    StoreSettings store,
    HostPort listen,
    String advertise,
    String zone,
    DataPortSettings dataPort,
    ScrubSettings scrub) {

  private static final int MAX_ZONE_CHARACTERS = 64;

  public ChunkServerSettings {
    if (zone.length() > MAX_ZONE_CHARACTERS || zone.chars().anyMatch(c -> c <= ' ' || c == 127)) {
      throw new IllegalArgumentException(
          "a zone is a name of at most " + MAX_ZONE_CHARACTERS + " characters without spaces");
    }
  }

  /** Scrubs as is usual. */
  public ChunkServerSettings(
      Masters masters,
      StoreSettings store,
      HostPort listen,
      String advertise,
      String zone,
      DataPortSettings dataPort) {
    this(masters, store, listen, advertise, zone, dataPort, ScrubSettings.DEFAULT);
  }
}
