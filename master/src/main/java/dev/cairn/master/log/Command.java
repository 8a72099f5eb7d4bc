package dev.cairn.master.log;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;

/** Something to be decided by the writer, perhaps more than once until it is granted. */
public interface Command<R> {

  /** Decides, and changes nothing. */
  Decision<R> decide(MetadataView view, long now) throws CairnException;

  /**
   * Notes in memory what no record says. Called on the writer's thread when the records are part of
   * the state, before memory follows them and before the answer.
   */
  default void granted(R reply) {}
}
