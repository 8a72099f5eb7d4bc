package dev.cairn.chunkserver.data;

import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.metrics.Operation;
import dev.cairn.rpc.metrics.Operations;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a data port has served.
 *
 * @param read a frame that asks for ranges of chunks, until its answer is sent
 * @param append a frame of a write stream, from its header until its bytes are in the store
 * @param sync a frame that asks for chunks to be forced to the disks
 * @param readBytes sent, whole blocks
 * @param appendedBytes taken
 */
public record PortMeter(
    Operations operations,
    Operation read,
    Operation append,
    Operation sync,
    LongAdder readBytes,
    LongAdder appendedBytes) {

  /** Nothing was served yet. */
  static PortMeter begin() {
    Operations all =
        new Operations(number -> ErrorCode.ofNumber(number).toString().toLowerCase(Locale.ROOT));
    return new PortMeter(
        all,
        all.named("read"),
        all.named("append"),
        all.named("sync"),
        new LongAdder(),
        new LongAdder());
  }
}
