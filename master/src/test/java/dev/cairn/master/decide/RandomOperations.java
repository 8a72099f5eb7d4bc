package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.ChangeRangeRequest;
import dev.cairn.rpc.proto.CloneRangeRequest;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LinkRequest;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.ReleaseLeaseRequest;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.RenameReply;
import dev.cairn.rpc.proto.RenameRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.SealReply;
import dev.cairn.rpc.proto.SealRequest;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.SetAttributesReply;
import dev.cairn.rpc.proto.SetAttributesRequest;
import dev.cairn.rpc.proto.SetLockRequest;
import dev.cairn.rpc.proto.TakeLeaseRequest;
import dev.cairn.rpc.proto.WrittenChunk;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.LongStream;

/** Does the same random things to the decision core and to the model, and compares. */
final class RandomOperations {

  private static final int MOST_BYTES = 120;

  /** Of one step: so few that most files here take several. */
  private static final int MOST_EXTENTS = 3;

  private static final Defaults DEFAULTS = new Defaults(4096, 2, 3600);

  private final Random random;
  private final DecisionCore core;
  private final ModelFilesystem model = new ModelFilesystem();
  private final CreateDecider creating = new CreateDecider(DEFAULTS);
  private final RemoveDecider removing = new RemoveDecider(DEFAULTS);
  private final RenameDecider renaming = new RenameDecider(DEFAULTS);
  private final AttributeDecider attributes = new AttributeDecider(DEFAULTS, MOST_EXTENTS);
  private final CommitDecider committing = new CommitDecider(DEFAULTS);
  private final RangeDecider ranges = new RangeDecider(DEFAULTS, MOST_EXTENTS);
  private final List<Long> known = new ArrayList<>(List.of(ModelFilesystem.ROOT));
  private Session session;
  private long openChunk;
  private int openChunkLength;
  private long lastLock;

  /** What chunks hold that were put together of parts of others. */
  private final Map<Long, long[]> built = new HashMap<>();

  /** Such chunks that no file was given yet. */
  private final List<Built> waiting = new ArrayList<>();

  private record Built(long chunk, Inode inode, List<ExtentRow> extents) {}

  RandomOperations(long seed, DecisionCore core) throws CairnException {
    this.random = new Random(seed);
    this.core = core;
    this.session = core.run((view, now) -> SessionDecider.open(view, "random", "", 1));
  }

  void step() throws CairnException {
    switch (random.nextInt(26)) {
      case 0, 1, 2, 3 -> create();
      case 4 -> link();
      case 5, 6 -> remove();
      case 7, 8, 9 -> rename();
      case 10, 11, 12, 13 -> commit();
      case 14 -> truncate();
      case 15 -> punch();
      case 16 -> copy();
      case 17 -> reap();
      case 18 -> {
        if (random.nextInt(10) == 0) {
          replaceSession();
        } else {
          lock();
        }
      }
      case 19, 20 -> restore();
      case 21 -> letGo();
      case 22, 23 -> compact();
      case 24 -> lease();
      default -> append();
    }
  }

  private ByteString name() {
    return ByteString.copyFromUtf8(Character.toString('a' + random.nextInt(6)));
  }

  private long any() {
    return known.get(random.nextInt(known.size()));
  }

  private long anyFile() {
    List<Long> files = new ArrayList<>();
    for (long number : known) {
      ModelFilesystem.Node node = model.node(number);
      if (node != null && node.type == FileType.REGULAR) {
        files.add(number);
      }
    }
    return files.isEmpty() ? 0 : files.get(random.nextInt(files.size()));
  }

  private void create() throws CairnException {
    FileType type =
        List.of(FileType.REGULAR, FileType.REGULAR, FileType.DIRECTORY, FileType.SYMLINK)
            .get(random.nextInt(4));
    CreateRequest request =
        CreateRequest.newBuilder()
            .setParent(any())
            .setName(name())
            .setType(type)
            .setExclusive(random.nextBoolean())
            .setSymlinkTarget(ByteString.copyFromUtf8("t"))
            .build();
    ErrorCode refused =
        model.create(request.getParent(), request.getName(), type, request.getExclusive());
    if (refused != null) {
      assertEquals(refused, core.refusal((view, now) -> creating.create(view, request, now)));
      return;
    }
    EntryReply reply = core.run((view, now) -> creating.create(view, request, now));
    long number = reply.getAttributes().getInode();
    Long before = model.child(request.getParent(), request.getName());
    assertEquals(before == null, reply.getCreated());
    if (before != null) {
      assertEquals(before, number);
      return;
    }
    assertTrue(!known.contains(number), "inode numbers are not used twice");
    known.add(number);
    checkTold(List.of(reply.getParentAttributes()));
    model.created(request.getParent(), request.getName(), type, number);
  }

  private <R> void both(
      ErrorCode refused, DecisionCore.Ask<R> ask, Function<R, List<Attributes>> told)
      throws CairnException {
    if (refused == null) {
      checkTold(told.apply(core.run(ask)));
    } else {
      assertEquals(refused, core.refusal(ask));
    }
  }

  /** What a reply tells of changed directories is what they are. */
  private void checkTold(List<Attributes> directories) {
    for (Attributes directory : directories) {
      assertEquals(DEFAULTS.inForce(core.view().inode(directory.getInode())), directory);
    }
  }

  private void link() throws CairnException {
    LinkRequest request =
        LinkRequest.newBuilder().setInode(any()).setNewParent(any()).setNewName(name()).build();
    both(
        model.link(request.getInode(), request.getNewParent(), request.getNewName()),
        (view, now) -> creating.link(view, request, now),
        reply -> List.of(reply.getParentAttributes()));
  }

  private void remove() throws CairnException {
    RemoveRequest request =
        RemoveRequest.newBuilder()
            .setContext(context())
            .setParent(any())
            .setName(name())
            .setDirectory(random.nextBoolean())
            .build();
    both(
        model.remove(request.getParent(), request.getName(), request.getDirectory()),
        (view, now) -> removing.remove(view, request, now),
        reply -> List.of(reply.getParentAttributes()));
  }

  private void rename() throws CairnException {
    int flags = random.nextInt(3);
    RenameRequest request =
        RenameRequest.newBuilder()
            .setContext(context())
            .setParent(any())
            .setName(name())
            .setNewParent(any())
            .setNewName(name())
            .setNoReplace(flags == 1)
            .setExchange(flags == 2)
            .build();
    both(
        model.rename(
            request.getParent(),
            request.getName(),
            request.getNewParent(),
            request.getNewName(),
            flags),
        (view, now) -> renaming.rename(view, request, now),
        RenameReply::getParentAttributesList);
  }

  private RequestContext context() {
    return RequestContext.newBuilder().setSessionId(session.getId()).setEpoch(1).build();
  }

  /** Some bytes more in the chunk being written, or in a new one. */
  private void growChunk(int bytes) throws CairnException {
    if (openChunk == 0) {
      AllocateChunksRequest request =
          AllocateChunksRequest.newBuilder()
              .setContext(context())
              .setCount(1 + random.nextInt(2))
              .build();
      List<ServerAddress> chain = List.of(ServerAddress.newBuilder().setServerId(1).build());
      openChunk =
          core.run((view, now) -> GrantDecider.grant(view, request, chain))
              .getGrant()
              .getFirstChunkId();
      openChunkLength = 0;
    }
    openChunkLength += bytes;
  }

  private void commit() throws CairnException {
    long file = anyFile();
    if (file == 0) {
      return;
    }
    int extents = 1 + random.nextInt(4);
    growChunk(40);
    CommitRequest.Builder request = CommitRequest.newBuilder().setContext(context()).setInode(file);
    int chunkOffset = openChunkLength - 40;
    int offset = random.nextInt(MOST_BYTES - 40);
    for (int i = 0; i < extents; i++) {
      int length = 1 + random.nextInt(10);
      offset = random.nextBoolean() ? offset : random.nextInt(MOST_BYTES - 10);
      request.addExtents(
          Extent.newBuilder()
              .setFileOffset(offset)
              .setLength(length)
              .setChunkId(openChunk)
              .setChunkOffset(chunkOffset));
      model.put(file, offset, length, openChunk, chunkOffset);
      offset = Math.min(offset + length, MOST_BYTES - 10);
      chunkOffset += length;
    }
    commit(request);
  }

  private void append() throws CairnException {
    long file = anyFile();
    if (file == 0 || model.node(file).content.length > MOST_BYTES) {
      return;
    }
    growChunk(5);
    CommitRequest.Builder request =
        CommitRequest.newBuilder().setContext(context()).setInode(file).setAppend(true);
    request
        .setSizeAtLeast(5)
        .addExtents(
            Extent.newBuilder()
                .setLength(5)
                .setChunkId(openChunk)
                .setChunkOffset(openChunkLength - 5));
    model.put(file, model.node(file).content.length, 5, openChunk, openChunkLength - 5);
    commit(request);
  }

  private void commit(CommitRequest.Builder request) throws CairnException {
    boolean seal = random.nextInt(3) == 0;
    request.addChunks(
        WrittenChunk.newBuilder()
            .setChunkId(openChunk)
            .setLength(openChunkLength)
            .setSealed(seal)
            .setReplicas(2)
            .addServerIds(1));
    core.run((view, now) -> committing.commit(view, request.build(), now));
    forgetTemporary(request.getInode());
    if (seal) {
      openChunk = 0;
    } else if (random.nextInt(4) == 0) {
      seal(request.getInode());
    }
  }

  /** Seals the open chunk behind its last commit, whether a file still has some of it or not. */
  private void seal(long file) throws CairnException {
    SealRequest request =
        SealRequest.newBuilder()
            .setContext(context())
            .setInode(file)
            .setChunk(
                WrittenChunk.newBuilder()
                    .setChunkId(openChunk)
                    .setLength(openChunkLength)
                    .setReplicas(2)
                    .setRagged(random.nextBoolean())
                    .addServerIds(1))
            .build();
    SealReply unused = core.run((view, now) -> SealDecider.seal(view, request, now));
    openChunk = 0;
  }

  /** What gets its first bytes after its deletion is not kept; the model need not know. */
  private void forgetTemporary(long file) {
    Inode inode = core.view().inode(file);
    if (model.trash.containsKey(file) && !core.view().isTrashed(inode)) {
      assertEquals(2, inode.getAttributes().getDataVersion());
      model.trash.remove(file);
    }
  }

  private void restore() throws CairnException {
    boolean newestOnly = random.nextBoolean();
    long number = any();
    ErrorCode expected = model.restore(number, newestOnly);
    RestoreTrashRequest request =
        RestoreTrashRequest.newBuilder().addInodes(number).setNewestOnly(newestOnly).build();
    int code =
        core.run((view, now) -> RestoreDecider.restore(view, request, now))
            .getOutcomes(0)
            .getCode();
    assertEquals(expected == null ? 0 : expected.number(), code, "restoring " + number);
  }

  private void letGo() throws CairnException {
    int most = random.nextInt(30);
    if (random.nextBoolean()) {
      core.run((view, now) -> TrashDecider.letGo(view, Long.MAX_VALUE, most, now));
    } else {
      List<Long> some = List.of(any(), any(), any());
      core.run((view, now) -> TrashDecider.empty(view, some, now));
    }
    model.trash.keySet().removeIf(number -> !core.view().isTrashed(core.view().inode(number)));
  }

  private void truncate() throws CairnException {
    long file = anyFile();
    if (file == 0) {
      return;
    }
    int size = random.nextInt(4) == 0 ? 0 : random.nextInt(MOST_BYTES);
    SetAttributesRequest request =
        SetAttributesRequest.newBuilder()
            .setContext(context())
            .setInode(file)
            .setSize(size)
            .build();
    int before = model.node(file).content.length;
    SetAttributesReply reply = core.run((view, now) -> attributes.set(view, request, now));
    int after = (int) reply.getAttributes().getSize();
    assertTrue(reply.getMore() ? after > size && after < before : after == size, "size " + after);
    model.truncate(file, after);
  }

  private void punch() throws CairnException {
    long file = anyFile();
    if (file == 0) {
      return;
    }
    ChangeRangeRequest request =
        ChangeRangeRequest.newBuilder()
            .setContext(context())
            .setInode(file)
            .setOffset(random.nextInt(MOST_BYTES))
            .setLength(1 + random.nextInt(30))
            .setPunchHole(random.nextBoolean())
            .setKeepSize(true)
            .build();
    long doneTo = core.run((view, now) -> ranges.change(view, request, now)).getDoneTo();
    long end = request.getOffset() + request.getLength();
    assertTrue(doneTo > request.getOffset() && doneTo <= end, doneTo + " of " + request);
    if (request.getPunchHole()) {
      model.punch(file, (int) request.getOffset(), (int) (doneTo - request.getOffset()));
    }
  }

  private void copy() throws CairnException {
    long source = anyFile();
    long target = anyFile();
    if (source == 0) {
      return;
    }
    int offset = random.nextInt(MOST_BYTES);
    int targetOffset = random.nextInt(MOST_BYTES);
    int length = 1 + random.nextInt(40);
    CloneRangeRequest request =
        CloneRangeRequest.newBuilder()
            .setContext(context())
            .setSourceInode(source)
            .setSourceOffset(offset)
            .setTargetInode(target)
            .setTargetOffset(targetOffset)
            .setLength(length)
            .build();
    int kept = Math.max(0, Math.min(length, model.node(source).content.length - offset));
    boolean overlaps =
        source == target && targetOffset < offset + kept && offset < targetOffset + kept;
    if (overlaps) {
      assertEquals(
          ErrorCode.INVALID, core.refusal((view, now) -> ranges.clone(view, request, now)));
      return;
    }
    int copied = (int) core.run((view, now) -> ranges.clone(view, request, now)).getCopied();
    assertTrue(copied <= kept && (copied > 0 || kept == 0), copied + " of " + kept);
    model.copy(source, offset, target, targetOffset, copied);
  }

  /** Puts a chunk together of parts of a file, or gives a file one that was some time ago. */
  private void compact() throws CairnException {
    if (!waiting.isEmpty() && random.nextBoolean()) {
      Built chunk = waiting.remove(random.nextInt(waiting.size()));
      long number = chunk.inode().getAttributes().getInode();
      Inode before = core.view().inode(number);
      core.run(
          (view, now) ->
              RelocateDecider.relocate(
                  view,
                  number,
                  chunk.inode().getExtentMap(),
                  chunk.extents(),
                  chunk.chunk(),
                  2,
                  now));
      assertEquals(before, core.view().inode(number), "nothing of it shows");
      return;
    }
    long file = anyFile();
    if (file == 0) {
      return;
    }
    Inode inode = core.view().inode(file);
    List<ExtentRow> some = new ArrayList<>();
    try (ExtentCursor extents = core.view().extents(inode.getExtentMap())) {
      for (ExtentRow at = extents.firstEndingBehind(0); at != null; at = extents.next()) {
        if (random.nextInt(3) > 0) {
          some.add(at);
        }
      }
    }
    if (!some.isEmpty()) {
      long chunk = core.run((view, now) -> RelocateDecider.takeChunkId(view));
      built.put(chunk, some.stream().flatMapToLong(this::cells).toArray());
      waiting.add(new Built(chunk, inode, some));
    }
  }

  private LongStream cells(ExtentRow extent) {
    return LongStream.range(extent.chunkOffset(), extent.chunkOffset() + extent.length())
        .map(offset -> cell(extent.chunk(), offset));
  }

  private long cell(long chunk, long offset) {
    long[] cells = built.get(chunk);
    return cells == null ? ModelFilesystem.cell(chunk, offset) : cells[(int) offset];
  }

  /** Takes or gives up a lock; the model of locks is that of their table. */
  private void lock() throws CairnException {
    long file = anyFile();
    if (file == 0) {
      return;
    }
    long start = random.nextInt(4);
    SetLockRequest request =
        SetLockRequest.newBuilder()
            .setContext(context().toBuilder().setSequence(++lastLock))
            .setInode(file)
            .setLock(
                FileLock.newBuilder()
                    .setKind(LockKind.BYTE_RANGE)
                    .setModeValue(random.nextInt(3))
                    .setOwner(random.nextInt(2))
                    .setStart(start)
                    .setLast(start + random.nextInt(4)))
            .setWait(true)
            .build();
    try {
      core.run((view, now) -> new LockDecider(DEFAULTS).set(view, request));
    } catch (CairnException e) {
      assertEquals(ErrorCode.DEADLOCK, e.code());
    }
  }

  /** Takes or gives back a lease, which keeps the one client there is from nothing. */
  private void lease() throws CairnException {
    long file = anyFile();
    if (file == 0) {
      return;
    }
    if (core.view().lease(file) == null) {
      TakeLeaseRequest request =
          TakeLeaseRequest.newBuilder()
              .setContext(context())
              .setInode(file)
              .setTermMillis(5000)
              .build();
      core.run((view, now) -> new LeaseDecider(DEFAULTS).take(view, request, inode -> {}, now));
    } else {
      ReleaseLeaseRequest request =
          ReleaseLeaseRequest.newBuilder().setContext(context()).setInode(file).build();
      core.run((view, now) -> LeaseDecider.release(view, request));
    }
  }

  /** Takes orphans apart; the model forgets them. */
  private void reap() throws CairnException {
    List<Orphan> orphans = new ArrayList<>();
    core.view().orphans(orphans::add);
    for (Orphan orphan : orphans) {
      if (random.nextBoolean()) {
        boolean gone = core.run((view, now) -> ReapDecider.orphan(view, orphan, now));
        assertTrue(gone, "so few extents take one step");
        if (!orphan.getExtentMapOnly()) {
          assertEquals(0, model.node(orphan.getId()).links);
          model.nodes.remove(orphan.getId());
        }
      }
    }
  }

  /** Ends the session, and clears away what it left. */
  private void replaceSession() throws CairnException {
    long ended = session.getId();
    core.run((view, now) -> SessionDecider.end(view, ended));
    session = core.run((view, now) -> SessionDecider.open(view, "next", "", 1));
    openChunk = 0;
    long reaped = 1;
    while (reaped != 0) {
      reaped = core.run((view, now) -> ReapDecider.endedGrant(view, 1, now));
    }
  }

  /** Compares everything. */
  void check() {
    StateCheck.check(core.tables());
    for (long number : known) {
      ModelFilesystem.Node expected = model.node(number);
      Inode inode = core.view().inode(number);
      assertEquals(expected == null, inode == null, "inode " + number);
      if (expected != null) {
        check(number, expected, inode);
      }
    }
  }

  private void check(long number, ModelFilesystem.Node expected, Inode inode) {
    assertEquals(expected.type, inode.getAttributes().getType());
    assertEquals(expected.links, inode.getAttributes().getLinks(), "links of " + number);
    if (expected.isDirectory()) {
      List<Dentry> listed = new ArrayList<>();
      core.view().dentries(number, listed::add);
      Comparator<ByteString> bytes = ByteString.unsignedLexicographicalComparator();
      listed.sort(Comparator.comparing(Dentry::getName, bytes));
      assertEquals(
          List.copyOf(expected.entries.keySet()), listed.stream().map(Dentry::getName).toList());
      assertEquals(
          List.copyOf(expected.entries.values()), listed.stream().map(Dentry::getInode).toList());
    } else if (expected.type == FileType.REGULAR) {
      assertEquals(expected.content.length, inode.getAttributes().getSize(), "size of " + number);
      assertArrayEquals(expected.content, content(inode), "content of " + number);
    }
  }

  private long[] content(Inode inode) {
    long[] content = new long[(int) inode.getAttributes().getSize()];
    try (ExtentCursor extents = core.view().extents(inode.getExtentMap())) {
      ExtentRow extent = extents.firstEndingBehind(0);
      while (extent != null) {
        for (long at = extent.start(); at < extent.end(); at++) {
          content[(int) at] = cell(extent.chunk(), extent.chunkOffset() + at - extent.start());
        }
        extent = extents.next();
      }
    }
    return content;
  }
}
