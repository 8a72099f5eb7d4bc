package dev.cairn.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.kernel.KernelLayout.CopyFileRangeIn;
import dev.cairn.fuse.kernel.KernelLayout.WriteOut;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Operations on content, where the protocol and the Vfs differ in what they can say. */
class DataOperationsTest {

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private final Wire wire = new Wire();
  private final List<Long> asked = new ArrayList<>();
  private final Operations operations = new Operations();

  @AfterEach
  void close() {
    wire.close();
  }

  /** Sends a COPY_FILE_RANGE to a Vfs that copies all it is asked for, up to a bound. */
  private Wire.Received copy(long length, long atMost) {
    Vfs vfs =
        (Vfs)
            Proxy.newProxyInstance(
                Vfs.class.getClassLoader(),
                new Class<?>[] {Vfs.class},
                (proxy, method, arguments) -> {
                  asked.add((Long) arguments[4]);
                  return CompletableFuture.completedFuture(Math.min((Long) arguments[4], atMost));
                });
    new DataOperations(vfs, wire.requestBuffers, new SetIdFiles(null)).register(operations);
    ByteBuffer arguments =
        ByteBuffer.allocate(CopyFileRangeIn.SIZEOF).order(ByteOrder.nativeOrder());
    arguments.putLong(CopyFileRangeIn.LEN, length);
    Request request = wire.request(Opcode.COPY_FILE_RANGE, 7, arguments.array());
    operations.serve(request, wire.reply(request));
    return wire.received();
  }

  @Test
  void copyOfMoreThanTheReplyCanSay_isCutBeforeItIsMade() {
    Wire.Received received = copy(5 * GIB, Long.MAX_VALUE);
    assertEquals(0, received.errno());
    assertEquals(List.of(GIB), asked);
    assertEquals(GIB, received.body().getInt(WriteOut.SIZE));
  }

  @Test
  void copyOfAnyLength_isAskedForWhole_orCut() {
    assertEquals(GIB, copy(-1, Long.MAX_VALUE).body().getInt(WriteOut.SIZE));
    assertEquals(List.of(GIB), asked);
  }

  @Test
  void copyThatIsShorterThanAsked_isAnsweredAsItWas() {
    assertEquals(3 * MIB, copy(5 * MIB, 3 * MIB).body().getInt(WriteOut.SIZE));
    assertEquals(List.of(5 * MIB), asked);
  }
}
