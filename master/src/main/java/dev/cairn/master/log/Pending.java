package dev.cairn.master.log;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command between its coming and its answer. */
final class Pending<R> {

  private static final Logger log = LoggerFactory.getLogger(Pending.class);

  private final long client;
  private final Command<R> command;
  private final Answer<R> answer;
  private Decision<R> decision;
  private CairnException refusal;

  Pending(long client, Command<R> command, Answer<R> answer) {
    this.client = client;
    this.command = command;
    this.answer = answer;
  }

  /** In whose queue it waits; {@link Writer#OWN}: the master's. */
  long client() {
    return client;
  }

  /**
   * Has the command decided; a boundary: a bug in one decision fails that request alone.
   *
   * @param onlyDeletions whether to refuse what needs room on the master's disk
   */
  List<Record> decide(MetadataView view, long now, boolean onlyDeletions) {
    refusal = null;
    try {
      decision = command.decide(view, now);
      if (onlyDeletions && Growth.isIn(decision.records())) {
        throw Writer.full();
      }
      return decision.records();
    } catch (CairnException e) {
      refusal = e;
    } catch (UncheckedIOException e) {
      log.error("a request could not be decided: {}", e.getMessage());
      refusal = ErrorCode.IO.because(e.getMessage(), e);
    } catch (RuntimeException e) {
      log.error("a request could not be decided", e);
      refusal = ErrorCode.IO.because("the master failed to decide a request: " + e, e);
    }
    return List.of();
  }

  /** Lets the memory follow the state, and answers. */
  void finish(Consumer<Record> follower) {
    if (refusal != null) {
      refuse(refusal);
      return;
    }
    command.granted(decision.reply());
    decision.records().forEach(follower);
    told(() -> answer.granted(decision.reply()));
  }

  void refuse(CairnException why) {
    told(() -> answer.refused(why));
  }

  /** A boundary: the state is what it is, whether or not somebody could be told. */
  private static void told(Runnable telling) {
    try {
      telling.run();
    } catch (RuntimeException e) {
      log.error("a request could not be answered", e);
    }
  }
}
