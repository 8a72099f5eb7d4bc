package dev.cairn.master.fsck;

import com.google.protobuf.ByteString;
import dev.cairn.master.log.Command;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Finding;
import dev.cairn.rpc.proto.FindingKind;
import java.util.List;

/** Takes what a check finds. */
interface Findings {

  /** The sentence for what a check with repair puts right. */
  String BY_REPAIR = "'cairn fsck --repair' puts it right";

  /**
   * Takes a finding.
   *
   * @param mends what would put it right, one after the other; none when nothing safely can
   * @throws CairnException when nobody waits for findings any longer
   */
  void found(Finding.Builder finding, List<Command<Boolean>> mends) throws CairnException;

  /** Takes one that a single command puts right. */
  default void found(Finding.Builder finding, Command<Boolean> mend) throws CairnException {
    found(finding, List.of(mend));
  }

  /** Takes one that cannot be put right by itself. */
  default void found(Finding.Builder finding) throws CairnException {
    found(finding, List.of());
  }

  /** A finding at a path, empty where none is known, with its two sentences. */
  static Finding.Builder at(ByteString path, FindingKind kind, String what, String advice) {
    return Finding.newBuilder().setPath(path).setKind(kind).setWhat(what).setAdvice(advice);
  }
}
