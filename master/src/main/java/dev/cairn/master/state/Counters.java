package dev.cairn.master.state;

import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;
import dev.cairn.rpc.Check;

/** The numbers among the rows: how many there are of something, and which ids are taken. */
final class Counters {

  private final Overlay rows;

  Counters(Overlay rows) {
    this.rows = rows;
  }

  void add(Meta word, long change) {
    long sum = get(word) + change;
    Check.that(sum >= 0, "%s would become %d", word, sum);
    put(word, sum);
  }

  /** Makes the number smaller, down to 0. */
  void takeAtMost(Meta word, long change) {
    if (change > 0) {
      put(word, Math.max(0, get(word) - change));
    }
  }

  /** Makes the number at least so large. */
  void raise(Meta word, long least) {
    if (Long.compareUnsigned(get(word), least) < 0) {
      put(word, least);
    }
  }

  boolean set(Meta word, long value) {
    put(word, value);
    return true;
  }

  private long get(Meta word) {
    byte[] value = rows.get(Table.META, word.key());
    return value == null ? 0 : Layout.u64At(value, 0);
  }

  private void put(Meta word, long value) {
    rows.put(Table.META, word.key(), Layout.u64(value));
  }
}
