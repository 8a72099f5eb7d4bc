package dev.cairn.client.file;

import dev.cairn.client.Timer;
import dev.cairn.client.buffer.BufferPool;
import dev.cairn.client.data.BlockCache;
import dev.cairn.client.data.ChunkFetcher;
import dev.cairn.client.data.DataLinks;
import dev.cairn.client.data.ServerTable;
import dev.cairn.client.master.Master;
import java.util.concurrent.Executor;

/**
 * What all open files of a client work with.
 *
 * @param dataThreads wait for chunk servers
 * @param lookThreads wait only to hear whether a server lives: however busy the others are
 */
record FileTools(
    Master master,
    ServerTable servers,
    DataLinks links,
    ChunkFetcher fetcher,
    BlockCache cache,
    BufferPool pool,
    ChunkSupply supply,
    Executor dataThreads,
    Executor lookThreads,
    Timer timer,
    FileLeasing leasing,
    ExtentBudget extents) {

  ChunkAppender.Tools appending() {
    return new ChunkAppender.Tools(links, servers, supply);
  }
}
