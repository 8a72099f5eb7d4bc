package dev.cairn.master.log;

import dev.cairn.rpc.error.CairnException;

/** Takes the one outcome of a command, on the writer's thread: must not block. */
public interface Answer<R> {

  void granted(R reply);

  void refused(CairnException why);

  /** Goes on after a command, whatever came of it. */
  static <R> Answer<R> of(Runnable next) {
    return new Answer<>() {
      @Override
      public void granted(R reply) {
        next.run();
      }

      @Override
      public void refused(CairnException why) {
        next.run();
      }
    };
  }

  /** For commands nobody waits for and that cannot be refused. */
  static <R> Answer<R> ignored() {
    return new Answer<>() {
      @Override
      public void granted(R reply) {}

      @Override
      public void refused(CairnException why) {}
    };
  }
}
