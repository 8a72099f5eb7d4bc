package dev.cairn.master;

import dev.cairn.master.log.StoreLog;
import dev.cairn.master.record.proto.ClusterFounded;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.util.List;

/** The first records of a cluster: its id and its root directory. */
public final class Founding {

  private static final int ROOT_PERMISSIONS = 0755;

  private Founding() {}

  /** The id of the cluster in the store; empty when none was founded there. */
  static String clusterIn(Store store) {
    return new MetadataView(store).text(Meta.CLUSTER_ID);
  }

  /** Founds the cluster unless the store has one; answers its id. */
  public static String found(Store store, StoreLog log, String newId, Founder founder, long now)
      throws IOException {
    String id = clusterIn(store);
    if (!id.isEmpty()) {
      return id;
    }
    Overlay effects = new Overlay(store);
    StateMachine machine = new StateMachine(effects);
    List<Record> records = records(newId, founder, now);
    records.forEach(machine::apply);
    log.append(effects);
    log.force();
    return newId;
  }

  private static List<Record> records(String id, Founder founder, long now) {
    Attributes root =
        Attributes.newBuilder()
            .setInode(MetadataView.ROOT)
            .setType(FileType.DIRECTORY)
            .setPermissions(ROOT_PERMISSIONS)
            .setUid(founder.uid())
            .setGid(founder.gid())
            .setLinks(2)
            .setAtime(now)
            .setMtime(now)
            .setCtime(now)
            .setBtime(now)
            .setDataVersion(1)
            .build();
    return List.of(
        Record.newBuilder().setClusterFounded(ClusterFounded.newBuilder().setClusterId(id)).build(),
        Record.newBuilder()
            .setInodeCreated(Inode.newBuilder().setAttributes(root).setParent(MetadataView.ROOT))
            .build());
  }
}
