package dev.cairn.master.decide;

import dev.cairn.master.Founder;
import dev.cairn.master.Founding;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.ReplyWindows;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;

/** Deciders and state without thread, network and clock. */
public final class DecisionCore {

  /** A decision still to be made. */
  public interface Ask<R> {
    Decision<R> decide(MetadataView view, long now) throws CairnException;
  }

  private final Store store;
  private final ReplyWindows windows = new ReplyWindows();
  private final Overlay overlay;
  private final StateMachine machine;
  private final MetadataView view;
  private long now = 1_000_000;

  public DecisionCore(Store store) throws IOException {
    this.store = store;
    Founding.found(store, new StoreLog(store), "test-cluster", Founder.ROOT, 1);
    this.overlay = new Overlay(store);
    this.machine = new StateMachine(overlay, windows);
    this.view = new MetadataView(overlay, windows);
  }

  public MetadataView view() {
    return view;
  }

  public Overlay tables() {
    return overlay;
  }

  public long now() {
    return now;
  }

  /** Decides and applies. */
  public <R> R run(Ask<R> ask) throws CairnException {
    now++;
    Decision<R> decision = ask.decide(view, now);
    decision.records().forEach(machine::apply);
    return decision.reply();
  }

  /** The error the decision is refused with. */
  public <R> ErrorCode refusal(Ask<R> ask) {
    try {
      Object reply = run(ask);
      throw new AssertionError("not refused: " + reply);
    } catch (CairnException e) {
      return e.code();
    }
  }

  public void apply(Record record) {
    machine.apply(record);
  }

  /** Drops what has been applied since it was written last, as the writer does when it cannot. */
  public void drop() {
    overlay.clear();
    windows.clear();
  }

  /** Writes what has been applied, as the writer does at the end of a batch. */
  public void write() throws IOException {
    store.write(overlay);
    overlay.clear();
  }
}
