package dev.cairn.master.fsck;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.TableScan;
import dev.cairn.master.store.Tables;
import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Finding;
import java.util.function.Consumer;

/** A check of tables that no master has open: everything but replicas. */
public final class TablesCheck {

  private TablesCheck() {}

  /**
   * Checks all tables; answers how many inodes there are.
   *
   * @param findings is told what is wrong
   */
  public static long run(Tables tables, Consumer<Finding> findings) throws CairnException {
    MetadataView view = new MetadataView(tables);
    TableScan scan = new TableScan(tables);
    Findings found = (finding, mends) -> findings.accept(finding.build());
    Inode root = view.inode(MetadataView.ROOT);
    if (root == null) {
      throw ErrorCode.IO.because("there is no root directory");
    }
    ContentCheck content = new ContentCheck(view, view, null, false, found);
    TreeCheck tree = new TreeCheck(view, content, found);
    tree.check(ByteString.EMPTY, root);
    Defaults defaults = new Defaults(ChunkSize.DEFAULT_BYTES, ChunkSize.DEFAULT_REPLICAS);
    new LinkCounts(view, scan, found, defaults, Counts.MOST).check();
    new ExtentMaps(view, scan, found, Counts.MOST).check();
    new ReferenceCounts(view, scan, found, Counts.MOST).check();
    return tree.inodeCount();
  }
}
