package dev.cairn.chunkserver.data;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.rpc.wire.Transport;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the conversations of a port share.
 *
 * @param draining clients' bytes are refused
 * @param clientBytes read and written for clients so far
 */
record PortContext(
    ChunkStore store,
    Transport transport,
    BufferPool buffers,
    Executor threads,
    DataPortSettings settings,
    RareLog log,
    AtomicBoolean draining,
    LongAdder clientBytes) {}
