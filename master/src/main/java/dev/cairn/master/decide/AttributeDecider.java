package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.SetIdBits;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.AttributesReply;
import dev.cairn.rpc.proto.SetAttributesRequest;
import java.util.ArrayList;
import java.util.List;

/** chmod, chown, utimes and truncate, in one step. */
public final class AttributeDecider {

  private static final int PERMISSION_BITS = 07777;

  private final Defaults defaults;

  public AttributeDecider(Defaults defaults) {
    this.defaults = defaults;
  }

  public Decision<AttributesReply> set(MetadataView view, SetAttributesRequest request, long now)
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
      resized = FileLength.set(view, inode, request.getSize(), records, now);
    }
    Attributes attributes = changed(resized.getAttributes(), request, now);
    Inode after = resized.toBuilder().setAttributes(attributes).build();
    records.add(Record.newBuilder().setInodeChanged(after).build());
    AttributesReply reply =
        AttributesReply.newBuilder().setAttributes(defaults.inForce(after)).build();
    return new Decision<>(records, reply);
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
