package dev.cairn.chunkserver.data;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.rpc.wire.Transport;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the conversations of a port share.
 *
 * @param draining clients' bytes are refused
 */
record PortContext(
    ChunkStore store,
    Transport transport,
    BufferPool buffers,
    Executor threads,
    DataPortSettings settings,
    RareLog log,
    AtomicBoolean draining) {}
