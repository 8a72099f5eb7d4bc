package dev.cairn.chunkserver.data;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.rpc.wire.Transport;
import java.util.concurrent.Executor;

/** What the conversations of a port share. */
record PortContext(
    ChunkStore store,
    Transport transport,
    BufferPool buffers,
    Executor threads,
    DataPortSettings settings,
    RareLog log) {}
