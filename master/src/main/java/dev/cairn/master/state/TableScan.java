package dev.cairn.master.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.store.Cursor;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Table;
import dev.cairn.master.store.Tables;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/** Reads whole tables, row by row in the order of their keys: for what looks at everything. */
public final class TableScan {

  /** Is shown each name. */
  public interface Names {
    void name(long parent, ByteString name, long inode);
  }

  private final Tables tables;

  public TableScan(Tables tables) {
    this.tables = tables;
  }

  /** Visits the inodes from the given number on, while the visitor wants more. */
  public void inodesFrom(long number, Predicate<Inode> visitor) {
    try (Cursor rows = tables.cursor(Table.INODES, Layout.ALL)) {
      boolean more = rows.seek(Layout.u64(number));
      while (more) {
        more = visitor.test(inode(rows.value())) && rows.next();
      }
    }
  }

  private static Inode inode(byte[] value) {
    try {
      return Inode.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a row of the inodes is not what it should be", e);
    }
  }

  /** Visits every name. */
  public void names(Names visitor) {
    try (Cursor rows = tables.cursor(Table.ENTRIES, Layout.ALL)) {
      for (boolean more = rows.seek(Layout.ALL); more; more = rows.next()) {
        byte[] key = rows.key();
        visitor.name(Layout.u64At(key, 0), Layout.nameInEntry(key), Layout.u64At(rows.value(), 0));
      }
    }
  }

  /** Visits the chunk of every extent there is. */
  public void chunksOfExtents(LongConsumer visitor) {
    try (Cursor rows = tables.cursor(Table.EXTENTS, Layout.ALL)) {
      for (boolean more = rows.seek(Layout.ALL); more; more = rows.next()) {
        visitor.accept(Layout.u64At(rows.value(), 8));
      }
    }
  }

  /** Visits the extent maps that have extents, from the given one on, while more are wanted. */
  public void extentMapsFrom(long map, LongPredicate visitor) {
    try (Cursor rows = tables.cursor(Table.EXTENTS, Layout.ALL)) {
      boolean more = rows.seek(Layout.u64(map));
      while (more) {
        long found = Layout.u64At(rows.key(), 0);
        more = visitor.test(found) && rows.seek(Layout.u64(found + 1));
      }
    }
  }
}
