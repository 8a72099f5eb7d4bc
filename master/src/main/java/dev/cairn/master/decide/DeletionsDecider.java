package dev.cairn.master.decide;

import dev.cairn.master.record.proto.DeletionsHeld;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.proto.ResumeDeletionsReply;
import java.util.List;

/** Lets chunk servers delete again, when an operator has looked at what was lost. */
public final class DeletionsDecider {

  private DeletionsDecider() {}

  public static Decision<ResumeDeletionsReply> resume(MetadataView view) {
    String reason = view.whyDeletionsAreHeld();
    ResumeDeletionsReply reply = ResumeDeletionsReply.newBuilder().setReason(reason).build();
    if (reason.isEmpty()) {
      return Decision.replyOnly(reply);
    }
    Record resumed =
        Record.newBuilder().setDeletionsHeld(DeletionsHeld.getDefaultInstance()).build();
    return new Decision<>(List.of(resumed), reply);
  }
}
