package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.StateCheck;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.KeepAliveReply;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.RequestContext;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a master finds after it was killed, or after its machine lost power. */
@Timeout(120)
final class CrashTest {

  private static final int FILES = 300;

  @TempDir Path directory;

  @Test
  void aCopyTakenFromARunningMaster_hasEverythingThatWasAnswered() throws IOException {
    Path copy = directory.resolve("copy");
    try (RunningMaster master = RunningMaster.start(directory.resolve("m"), Time.system())) {
      createFiles(master);
      copy(directory.resolve("m"), copy);
    }
    assertEquals(FILES, namesIn(copy));
  }

  @Test
  void aTornLog_opensToAPrefixOfWhatWasDone() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path whole = directory.resolve("whole");
    try (RunningMaster master = RunningMaster.start(directory.resolve("m"), Time.system())) {
      createFiles(master);
      copy(directory.resolve("m"), whole);
    }
    for (int round = 0; round < 100; round++) {
      Path torn = directory.resolve("torn" + round);
      copy(whole, torn);
      tear(torn, random);
      int names = namesIn(torn);
      assertTrue(names <= FILES, "seed " + seed);
    }
  }

  @Test
  void aMasterWithATornLog_givesOutNoIdThatMayBeInUse() throws IOException {
    Path torn = directory.resolve("torn");
    long lastLost;
    try (RunningMaster master = RunningMaster.start(directory.resolve("m"), Time.system())) {
      copy(directory.resolve("m"), torn);
      createFiles(master);
      lastLost = master.create(RunningMaster.ROOT, "last", FileType.REGULAR);
    }
    for (int start = 0; start < 2; start++) {
      try (RunningMaster master = RunningMaster.start(torn, Time.system())) {
        long inode = master.create(RunningMaster.ROOT, "new" + start, FileType.REGULAR);
        assertTrue(inode > lastLost, inode + " was given out before");
        // A stop in order leaves nothing to skip.
        assertTrue(inode < Serving.SKIPPED + 100, inode + " skips too many");
      }
    }
  }

  @Test
  void aMasterWithATornLog_endsTheSessionsItToldMoreThanItKnows() throws IOException {
    Path torn = directory.resolve("torn");
    OpenSessionReply forgotten;
    OpenSessionReply known;
    try (RunningMaster master = RunningMaster.start(directory.resolve("m"), Time.system())) {
      forgotten = master.openSession("forgotten");
      known = master.openSession("known");
      create(master, RunningMaster.context(known, 1, 1));
      create(master, RunningMaster.context(forgotten, 1, 1));
      copy(directory.resolve("m"), torn);
      create(master, RunningMaster.context(forgotten, 2, 2));
    }
    try (RunningMaster master = RunningMaster.start(torn, Time.system())) {
      assertEquals(
          ErrorCode.STARTING,
          RunningMaster.refusal(() -> create(master, RunningMaster.context(known, 2, 2))).code());
      assertEquals(
          ErrorCode.SESSION_EXPIRED,
          RunningMaster.refusal(() -> comeBack(master, forgotten, List.of(1L, 2L))).code());
      KeepAliveReply back = comeBack(master, known, List.of(1L));
      assertEquals(master.session().getMasterIncarnation(), back.getMasterIncarnation());
      assertTrue(create(master, RunningMaster.context(known, 2, 2)).hasAttributes());
    }
  }

  @Test
  void aReplyForgottenForARequestThatIsNotAnsweredYet_isNotMissed() throws IOException {
    Path killed = directory.resolve("killed");
    OpenSessionReply session;
    RequestContext unanswered;
    EntryReply answer;
    try (RunningMaster master = RunningMaster.start(directory.resolve("m"), Time.system())) {
      session = master.openSession("killed");
      create(master, RunningMaster.context(session, 1, 1));
      unanswered = RunningMaster.context(session, 2, 2);
      answer = create(master, unanswered);
      copy(directory.resolve("m"), killed);
    }
    try (RunningMaster master = RunningMaster.start(killed, Time.system())) {
      KeepAliveReply back = comeBack(master, session, List.of(1L), unanswered);
      assertEquals(master.session().getMasterIncarnation(), back.getMasterIncarnation());
      assertEquals(answer, create(master, unanswered));
    }
  }

  private static KeepAliveReply comeBack(
      RunningMaster master,
      OpenSessionReply session,
      List<Long> granted,
      RequestContext... unanswered) {
    return master.sessions.keepAlive(
        KeepAliveRequest.newBuilder()
            .setSessionId(session.getSessionId())
            .setEpoch(session.getEpoch())
            .setOpenInodesComplete(true)
            .setMasterIncarnation(master.session().getMasterIncarnation())
            .addAllGrantedRequests(granted)
            .addAllUnansweredRequests(List.of(unanswered))
            .build());
  }

  private static EntryReply create(RunningMaster master, RequestContext context) {
    return master.names.create(
        CreateRequest.newBuilder()
            .setContext(context)
            .setParent(RunningMaster.ROOT)
            .setName(ByteString.copyFromUtf8(context.getSessionId() + "-" + context.getSequence()))
            .setType(FileType.REGULAR)
            .build());
  }

  private static void createFiles(RunningMaster master) {
    for (int i = 0; i < FILES; i++) {
      master.create(RunningMaster.ROOT, name(i), FileType.REGULAR);
    }
  }

  private static String name(int i) {
    return String.format("f%05d", i);
  }

  /** Opens the tables, checks them, and answers how many files there are: the first ones. */
  private static int namesIn(Path tables) throws IOException {
    try (RocksStore store = RocksStore.open(tables)) {
      MetadataView view = new MetadataView(store);
      if (view.inode(MetadataView.ROOT) == null) {
        return 0;
      }
      StateCheck.check(store);
      List<String> names = new ArrayList<>();
      view.dentries(MetadataView.ROOT, d -> names.add(d.getName().toStringUtf8()));
      Collections.sort(names);
      for (int i = 0; i < names.size(); i++) {
        assertEquals(name(i), names.get(i));
      }
      return names.size();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Cuts the log anywhere. */
  private static void tear(Path tables, Random random) throws IOException {
    try (Stream<Path> files = Files.list(tables)) {
      for (Path log : files.filter(f -> f.toString().endsWith(".log")).toList()) {
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
          channel.truncate(random.nextLong(channel.size() + 1));
        }
      }
    }
  }
}
