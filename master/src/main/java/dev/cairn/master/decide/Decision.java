package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Record;
import java.util.List;

/** What is to be recorded, and what is answered once it is. */
public record Decision<R>(List<Record> records, R reply) {

  /** Changes nothing. */
  public static <R> Decision<R> replyOnly(R reply) {
    return new Decision<>(List.of(), reply);
  }
}
