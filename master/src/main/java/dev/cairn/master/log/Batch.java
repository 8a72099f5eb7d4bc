package dev.cairn.master.log;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.ReplyWindows;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Tables;
import dev.cairn.rpc.error.CairnException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Commands that were decided together, and what their records change. For the writer's thread, but
 * for {@link #commit}.
 */
final class Batch {

  private final Overlay effects;
  private final MetadataView view;
  private final StateMachine machine;
  private final List<Pending<?>> commands = new ArrayList<>();
  private List<Record> records = new ArrayList<>();
  private long appendedNanos;
  private volatile boolean committed;

  Batch(Tables base, ReplyWindows windows) {
    this.effects = new Overlay(base);
    this.view = new MetadataView(effects, windows);
    this.machine = new StateMachine(effects, windows);
  }

  /** The state with the effects of all commands so far. */
  MetadataView view() {
    return view;
  }

  Overlay effects() {
    return effects;
  }

  List<Record> records() {
    return records;
  }

  int size() {
    return commands.size();
  }

  boolean changesNothing() {
    return effects.isEmpty();
  }

  void decide(Pending<?> command, long now, boolean onlyDeletions) {
    commands.add(command);
    for (Record record : command.decide(view, now, onlyDeletions)) {
      machine.apply(record);
      records.add(record);
    }
  }

  /** The log gets it at that {@link System#nanoTime}. */
  void appendedAt(long nanos) {
    appendedNanos = nanos;
  }

  long appendedNanos() {
    return appendedNanos;
  }

  /** Says that the effects are part of the state. For any thread. */
  void commit() {
    committed = true;
  }

  boolean isCommitted() {
    return committed;
  }

  /** Lets the memory follow, and answers everybody. */
  void finish(Consumer<Record> follower) {
    for (Pending<?> command : commands) {
      command.finish(follower);
    }
  }

  void refuse(CairnException why) {
    for (Pending<?> command : commands) {
      command.refuse(why);
    }
  }

  /** The commands, each of which is to be decided alone. */
  List<Pending<?>> commands() {
    return commands;
  }

  /** Makes it an empty one. */
  void clear() {
    effects.clear();
    commands.clear();
    // Not cleared: the log may still have them.
    records = new ArrayList<>();
    committed = false;
  }
}
