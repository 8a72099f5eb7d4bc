package dev.cairn.master;

import dev.cairn.rpc.proto.RegisterReply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What must not wait until all chunks are looked at. */
final class SlowSurveyTest extends RepairCase {

  private HeldStore store;

  @Override
  RunningMaster startMaster() {
    return RunningMaster.start(
        data,
        time,
        tables -> {
          store = new HeldStore(tables);
          return store;
        });
  }

  @AfterEach
  void release() {
    store.release();
  }

  @Test
  void aServerIsDeadInTime_howeverLongASurveyTakes() throws Exception {
    store.hold("master-survey");
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1);
    time.pass(Duration.ofSeconds(2));
    // It looks at the chunk that lacks a replica, and comes to no end.
    store.awaitHeld();
    time.pass(Duration.ofSeconds(11));
    Eventually.equals(List.of(), this::locations);
    RegisterReply unused = master.register("uuid-4", 7004);
  }
}
