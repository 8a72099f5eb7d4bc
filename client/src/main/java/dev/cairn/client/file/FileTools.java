package dev.cairn.client.file;

import dev.cairn.client.ClientThreads;
import dev.cairn.client.Timer;
import dev.cairn.client.buffer.BufferPool;
import dev.cairn.client.data.BlockCache;
import dev.cairn.client.data.ChunkFetcher;
import dev.cairn.client.data.DataLinks;
import dev.cairn.client.data.ServerTable;
import dev.cairn.client.master.Master;
import java.time.Duration;

/**
 * What all open files of a client work with.
 *
 * @param patience how long reading, writing and syncing wait for chunk servers
 */
record FileTools(
    Master master,
    ServerTable servers,
    DataLinks links,
    ChunkFetcher fetcher,
    BlockCache cache,
    BufferPool pool,
    ChunkSupply supply,
    ClientThreads threads,
    Timer timer,
    Duration patience,
    FileLeasing leasing,
    ExtentBudget extents) {

  ChunkAppender.Tools appending() {
    return new ChunkAppender.Tools(links, servers, supply, patience);
  }
}
