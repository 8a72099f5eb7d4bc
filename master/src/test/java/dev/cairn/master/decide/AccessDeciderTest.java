package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Access;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.NoteAccessRequest;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Times of access, as relatime has them. */
final class AccessDeciderTest {

  private static final long DAY = Duration.ofHours(24).toNanos();
  private static final long CHANGED = 100 * DAY;

  private DecisionCore core;
  private long file;

  @BeforeEach
  void start() throws Exception {
    core = new DecisionCore(new MemoryStore());
    CreateRequest request =
        CreateRequest.newBuilder()
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8("f"))
            .setType(FileType.REGULAR)
            .build();
    CreateDecider creating = new CreateDecider(new Defaults(4096, 2));
    file = core.run((view, now) -> creating.create(view, request, now)).getAttributes().getInode();
  }

  private void set(long atime) {
    Inode.Builder inode = core.view().inode(file).toBuilder();
    inode.getAttributesBuilder().setAtime(atime).setMtime(CHANGED).setCtime(CHANGED);
    core.apply(Record.newBuilder().setInodeChanged(inode).build());
  }

  private long atimeAfter(long... accesses) throws CairnException {
    NoteAccessRequest.Builder request = NoteAccessRequest.newBuilder();
    for (long time : accesses) {
      request.addAccesses(Access.newBuilder().setInode(file).setTime(time));
    }
    core.run((view, now) -> AccessDecider.note(view, request.build()));
    return core.view().inode(file).getAttributes().getAtime();
  }

  @Test
  void firstAccessBehindAChange_counts_andTheNextDoesNot() throws CairnException {
    set(CHANGED);
    assertEquals(CHANGED + 5, atimeAfter(CHANGED + 5));
    assertEquals(CHANGED + 5, atimeAfter(CHANGED + 6));
    assertEquals(CHANGED, core.view().inode(file).getAttributes().getCtime());
  }

  @Test
  void accessADayLater_counts() throws CairnException {
    set(CHANGED + 1);
    assertEquals(CHANGED + 1, atimeAfter(CHANGED + DAY));
    assertEquals(CHANGED + DAY + 1, atimeAfter(CHANGED + DAY + 1));
  }

  @Test
  void accessThatIsHeardOfLate_doesNotSetTheTimeBack() throws CairnException {
    set(CHANGED - 1);
    assertEquals(CHANGED - 1, atimeAfter(CHANGED - 2));
  }

  @Test
  void accessesOfOneRequest_areTakenOneAfterTheOther_andThoseOfGoneInodesPassedOver()
      throws CairnException {
    set(CHANGED);
    assertEquals(CHANGED + 1, atimeAfter(CHANGED + 1, CHANGED + 2));
    NoteAccessRequest gone =
        NoteAccessRequest.newBuilder()
            .addAccesses(Access.newBuilder().setInode(999).setTime(CHANGED))
            .build();
    core.run((view, now) -> AccessDecider.note(view, gone));
  }

  @Test
  void moreAccessesThanOneStepTakes_areRefused() {
    NoteAccessRequest.Builder request = NoteAccessRequest.newBuilder();
    for (int i = 0; i <= AccessDecider.MOST_ACCESSES; i++) {
      request.addAccesses(Access.newBuilder().setInode(file));
    }
    assertEquals(
        ErrorCode.INVALID, core.refusal((view, now) -> AccessDecider.note(view, request.build())));
  }
}
