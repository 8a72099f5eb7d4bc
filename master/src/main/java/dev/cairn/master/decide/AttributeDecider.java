package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.SetIdBits;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.SetAttributesReply;
import dev.cairn.rpc.proto.SetAttributesRequest;
import java.util.ArrayList;
import java.util.List;

/** chmod, chown, utimes and truncate, in one step. */
public final class AttributeDecider {

  private static final int PERMISSION_BITS = 07777;

  private final Defaults defaults;
  private final int mostExtents;

  public AttributeDecider(Defaults defaults) {
    this(defaults, ExtentSteps.MOST_EXTENTS);
  }

  /**
   * Makes a decider.
   *
   * @param mostExtents that one decision cuts off a file
   */
  AttributeDecider(Defaults defaults, int mostExtents) {
    this.defaults = defaults;
    this.mostExtents = mostExtents;
  }

  /** Sets all attributes, or makes a file of many extents shorter and asks for a repetition. */
  public Decision<SetAttributesReply> set(MetadataView view, SetAttributesRequest request, long now)
      throws CairnException {
    Inode inode = view.inode(request.getInode());
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + request.getInode() + " is gone");
    }
    List<Record> records = new ArrayList<>();
    Inode resized = inode;
    if (request.hasSize()) {
      FileLength.checkRegular(inode);
      LeaseDecider.checkMayChange(view, request.getInode(), request.getContext());
      FileLength.checkedEnd(request.getSize(), 0);
      ExtentSteps steps = new ExtentSteps(view, mostExtents);
      resized = FileLength.set(steps, inode, request.getSize(), records, now);
    }
    boolean more = request.hasSize() && resized.getAttributes().getSize() != request.getSize();
    Attributes attributes = changed(resized.getAttributes(), more ? step(request) : request, now);
    Inode after = resized.toBuilder().setAttributes(attributes).build();
    records.add(Record.newBuilder().setInodeChanged(after).build());
    SetAttributesReply reply =
        SetAttributesReply.newBuilder()
            .setAttributes(defaults.inForce(after))
            .setMore(more)
            .build();
    return new Decision<>(records, reply);
  }

  /** What every step of a truncation does. */
  private static SetAttributesRequest step(SetAttributesRequest request) {
    return SetAttributesRequest.newBuilder()
        .setSize(request.getSize())
        .setClearSetIdBits(request.getClearSetIdBits())
        .build();
  }

  private static Attributes changed(Attributes before, SetAttributesRequest request, long now) {
    Attributes.Builder after = before.toBuilder().setCtime(now);
    if (request.getClearSetIdBits()) {
      after.setPermissions(SetIdBits.clear(before.getPermissions()));
    }
    if (request.hasPermissions()) {
      after.setPermissions(request.getPermissions() & PERMISSION_BITS);
    }
    if (request.hasUid()) {
      after.setUid(request.getUid());
    }
    if (request.hasGid()) {
      after.setGid(request.getGid());
    }
    if (request.getAtimeNow() || request.hasAtime()) {
      after.setAtime(request.getAtimeNow() ? now : request.getAtime());
    }
    if (request.hasMtime() && !request.getMtimeNow()) {
      after.setMtime(request.getMtime());
    } else if (request.getMtimeNow() || request.hasSize()) {
      after.setMtime(now);
    }
    return after.build();
  }
}
