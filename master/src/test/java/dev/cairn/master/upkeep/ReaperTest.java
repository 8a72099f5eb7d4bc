package dev.cairn.master.upkeep;

import dev.cairn.master.Founder;
import dev.cairn.master.Founding;
import dev.cairn.master.ManualTime;
import dev.cairn.master.decide.GrantDecider;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.RecordLog;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.store.Overlay;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.RequestContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ended sessions leave, and that it goes. */
@Timeout(60)
final class ReaperTest implements RecordLog {

  private final ManualTime time = new ManualTime();
  private final MemoryStore store = new MemoryStore();
  private final MetadataView latest = new MetadataView(store);
  private final Writer writer = new Writer(store, this, time, this::follow, Assertions::fail);
  private final Reaper reaper =
      new Reaper(
          writer,
          time,
          new Orphans(
              latest, new LiveSessions(latest, SessionSettings.of(Duration.ofSeconds(20)), 0)));
  private final CompletableFuture<Void> cleared = new CompletableFuture<>();
  private Session first;
  private Session second;

  @BeforeEach
  void start() throws Exception {
    Founding.found(store, new StoreLog(store), "test-cluster", Founder.ROOT, 1);
    writer.start();
    first = session();
    second = session();
  }

  @AfterEach
  void stop() throws Exception {
    writer.stop();
  }

  /** Opens a session, and grants it chunks. */
  private Session session() throws Exception {
    CompletableFuture<Session> opened = new CompletableFuture<>();
    writer.submit((view, now) -> SessionDecider.open(view, "test", "", 1), completing(opened));
    Session session = opened.get(30, TimeUnit.SECONDS);
    AllocateChunksRequest request =
        AllocateChunksRequest.newBuilder()
            .setContext(RequestContext.newBuilder().setSessionId(session.getId()))
            .setCount(2)
            .build();
    writer.submit((view, now) -> GrantDecider.grant(view, request, List.of()), Answer.ignored());
    return session;
  }

  private static <T> Answer<T> completing(CompletableFuture<T> future) {
    return new Answer<>() {
      @Override
      public void granted(T reply) {
        future.complete(reply);
      }

      @Override
      public void refused(CairnException why) {
        future.completeExceptionally(why);
      }
    };
  }

  private void end(Session session) {
    writer.submit((view, now) -> SessionDecider.end(view, session.getId()), Answer.ignored());
  }

  private void follow(Record record) {
    if (record.getKindCase() == Record.KindCase.SESSION_ENDED) {
      reaper.reapEndedSessions();
    }
  }

  @Override
  public void append(List<Record> records, Overlay effects, Runnable committed) {
    store.write(effects);
    for (Record record : records) {
      if (record.hasGrantRemoved()) {
        cleared(record.getGrantRemoved().getSession());
      }
    }
    committed.run();
  }

  private void cleared(long session) {
    if (session == second.getId()) {
      // The pass has gone by the first one.
      end(first);
    } else {
      cleared.complete(null);
    }
  }

  @Override
  public void force() {}

  @Test
  void whatASessionLeftThatEndedDuringAPass_isClearedAwayByAnother() throws Exception {
    end(second);
    Void unused = cleared.get(30, TimeUnit.SECONDS);
  }
}
