package dev.cairn.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.NoteAccessReply;
import dev.cairn.rpc.proto.NoteAccessRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is told to the master of reads, and what is shown until it knows. */
final class AccessTimesTest {

  private static final Attributes FILE =
      Attributes.newBuilder().setInode(7).setAtime(10).setMtime(20).setCtime(20).build();

  private final List<NoteAccessRequest> told = new ArrayList<>();
  private CompletableFuture<NoteAccessReply> reply = new CompletableFuture<>();
  private long now = 100;

  private AccessTimes kept() {
    AccessTimes times = new AccessTimes(this::tell, () -> now);
    times.keep();
    return times;
  }

  private CompletableFuture<NoteAccessReply> tell(NoteAccessRequest.Builder request) {
    told.add(request.build());
    return reply;
  }

  @Test
  void reads_areToldOnce_andShownUntilTheMasterKnows() {
    AccessTimes times = kept();
    times.read(7);
    now = 101;
    times.read(7);
    assertEquals(100, times.shown(FILE).getAtime());
    CompletableFuture<Void> flush = times.flush();
    assertEquals(1, told.get(0).getAccessesCount());
    assertEquals(100, told.get(0).getAccesses(0).getTime());
    assertEquals(100, times.shown(FILE).getAtime());
    assertEquals(flush, times.flush());
    reply.complete(NoteAccessReply.getDefaultInstance());
    assertTrue(flush.isDone());
    assertEquals(10, times.shown(FILE).getAtime());
    assertEquals(1, told.size());
  }

  @Test
  void manyReads_goInBatches() {
    AccessTimes times = kept();
    for (int inode = 1; inode <= 2500; inode++) {
      times.read(inode);
    }
    var unused = times.flush();
    assertEquals(3, told.size());
    assertEquals(2500, told.stream().mapToInt(NoteAccessRequest::getAccessesCount).sum());
  }

  @Test
  void failure_losesTheAccessesAndNoMore() {
    AccessTimes times = kept();
    times.read(7);
    CompletableFuture<Void> flush = times.flush();
    reply.completeExceptionally(new IllegalStateException("the master is away"));
    assertEquals(null, flush.join());
    reply = CompletableFuture.completedFuture(NoteAccessReply.getDefaultInstance());
    times.read(7);
    assertEquals(null, times.flush().join());
    assertEquals(2, told.size());
  }

  @Test
  void timeSetByHand_isNotShownOver_andWaitsForWhatIsBeingTold() {
    AccessTimes times = kept();
    times.read(7);
    var unused = times.flush();
    CompletableFuture<Void> settled = times.forget(7);
    assertEquals(10, times.shown(FILE).getAtime());
    assertEquals(false, settled.isDone());
    reply.complete(NoteAccessReply.getDefaultInstance());
    assertEquals(null, settled.join());
  }

  @Test
  void nothingIsNoted_whereTimesOfAccessAreNotKept() {
    AccessTimes times = new AccessTimes(this::tell, () -> now);
    times.read(7);
    assertEquals(null, times.flush().join());
    assertEquals(List.of(), told);
  }
}
