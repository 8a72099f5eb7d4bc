package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LinkRequest;
import dev.cairn.rpc.proto.RemoveRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files made without a name. */
final class UnnamedFileTest {

  private static final ByteString NAME = ByteString.copyFromUtf8("named");

  private final Defaults defaults = new Defaults(4096, 2);
  private final CreateDecider creating = new CreateDecider(defaults);
  private MemoryStore store;
  private DecisionCore core;

  @BeforeEach
  void start() throws Exception {
    store = new MemoryStore();
    core = new DecisionCore(store);
  }

  private static CreateRequest.Builder request() {
    return CreateRequest.newBuilder()
        .setParent(MetadataView.ROOT)
        .setType(FileType.REGULAR)
        .setUnnamed(true)
        .setOpen(true);
  }

  private Attributes create() throws CairnException {
    return core.run((view, now) -> creating.create(view, request().build(), now)).getAttributes();
  }

  private LinkRequest naming(long inode) {
    return LinkRequest.newBuilder()
        .setInode(inode)
        .setNewParent(MetadataView.ROOT)
        .setNewName(NAME)
        .build();
  }

  private boolean reap(long inode) throws CairnException {
    return core.run((view, now) -> ReapDecider.orphan(view, orphan(inode), now));
  }

  private static Orphan orphan(long inode) {
    return Orphan.newBuilder().setId(inode).build();
  }

  @Test
  void unnamedFile_isAnOrphanWithoutLinks() throws Exception {
    Attributes made = create();
    assertEquals(0, made.getLinks());
    assertEquals(core.now(), made.getBtime());
    assertTrue(core.view().isOrphan(orphan(made.getInode())));
    core.write();
    StateCheck.check(store);
  }

  @Test
  void unnamedFileThatNobodyOpens_isTakenApart() throws Exception {
    long inode = create().getInode();
    assertTrue(reap(inode));
    assertNull(core.view().inode(inode));
  }

  @Test
  void namedFile_isNoOrphanAnyMore_andStays() throws Exception {
    long inode = create().getInode();
    Attributes named =
        core.run((view, now) -> creating.link(view, naming(inode), now)).getAttributes();
    assertEquals(1, named.getLinks());
    assertFalse(core.view().isOrphan(orphan(inode)));
    assertTrue(reap(inode));
    assertNotNull(core.view().inode(inode));
    core.write();
    StateCheck.check(store);
  }

  @Test
  void fileThatLostItsName_getsNoneAgain() throws Exception {
    long inode = create().getInode();
    core.run((view, now) -> creating.link(view, naming(inode), now));
    RemoveRequest removal =
        RemoveRequest.newBuilder().setParent(MetadataView.ROOT).setName(NAME).build();
    core.run((view, now) -> new RemoveDecider(defaults).remove(view, removal, now));
    assertEquals(
        ErrorCode.NO_ENTRY, core.refusal((view, now) -> creating.link(view, naming(inode), now)));
  }

  @Test
  void onlyAnOpenedRegularFile_canBeUnnamed() {
    CreateRequest directory = request().setType(FileType.DIRECTORY).build();
    CreateRequest closed = request().setOpen(false).build();
    for (CreateRequest refused : new CreateRequest[] {directory, closed}) {
      assertEquals(
          ErrorCode.INVALID, core.refusal((view, now) -> creating.create(view, refused, now)));
    }
  }
}
