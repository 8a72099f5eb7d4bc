package dev.cairn.master.fsck;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Command;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.TableScan;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Snapshot;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.PathComponents;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CheckPage;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.Finding;
import dev.cairn.rpc.proto.FindingKind;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One check, on the thread that runs it. */
final class CheckRun implements Findings {

  private static final int FINDINGS_PER_PAGE = 256;
  private static final long MEND_SECONDS = 30;

  /** What a check needs of the master. */
  record Surroundings(
      Store store, Writer writer, Fleet fleet, ReplicaMap replicas, Defaults defaults, int part) {}

  private final Surroundings master;
  private final CheckRequest request;
  private final Checks.Pages pages;
  private final CheckPage.Builder page = CheckPage.newBuilder();

  CheckRun(Surroundings master, CheckRequest request, Checks.Pages pages) {
    this.master = master;
    this.request = request;
    this.pages = pages;
  }

  void run() throws CairnException {
    try (Snapshot snapshot = master.store().snapshot()) {
      check(new MetadataView(snapshot), new TableScan(snapshot));
    }
    pages.take(page.setEnd(true).build());
  }

  private void check(MetadataView view, TableScan scan) throws CairnException {
    List<ByteString> components = PathComponents.of(request.getPath());
    int unreported = master.fleet().unreported();
    page.setUnreportedServers(unreported);
    ContentCheck content =
        new ContentCheck(
            view,
            new MetadataView(master.store()),
            unreported == 0 ? master.replicas() : null,
            !master.fleet().dead().isEmpty(),
            this);
    TreeCheck tree = new TreeCheck(view, content, this);
    tree.check(path(components), find(view, components));
    page.setNames(tree.nameCount()).setExtents(content.extentCount()).setInodes(tree.inodeCount());
    turn();
    if (components.isEmpty()) {
      new LinkCounts(view, scan, this, master.defaults(), master.part()).check();
      turn();
      new ExtentMaps(view, scan, this, master.part()).check();
      turn();
      ReferenceCounts references = new ReferenceCounts(view, scan, this, master.part());
      references.check();
      page.setChunks(references.chunkCount());
      checkUnknown(view);
    }
  }

  /** After changes were lost, chunks without a file may be all that is left of later files. */
  private void checkUnknown(MetadataView view) throws CairnException {
    long strays = view.number(Meta.STRAY_COUNT);
    String held = view.whyDeletionsAreHeld();
    if (strays > 0 && !held.isEmpty()) {
      found(
          Findings.at(
              ByteString.EMPTY,
              FindingKind.UNKNOWN_CHUNKS,
              "chunk servers hold %d chunks of files that are not known, because %s"
                  .formatted(strays, held),
              "restore a newer backup if there is one; otherwise 'cairn resume-deletions' gives"
                  + " their room back"),
          List.of());
    }
  }

  private static ByteString path(List<ByteString> components) {
    ByteString path = ByteString.EMPTY;
    for (ByteString component : components) {
      path = path.concat(TreeCheck.SLASH).concat(component);
    }
    return path;
  }

  private static Inode find(MetadataView view, List<ByteString> components) throws CairnException {
    long number = MetadataView.ROOT;
    for (ByteString component : components) {
      Dentry entry = view.dentry(number, component);
      number = entry == null ? 0 : entry.getInode();
    }
    Inode inode = view.inode(number);
    if (inode == null) {
      throw ErrorCode.NO_ENTRY.because(
          path(components).toStringUtf8()
              + ": there is nothing to check (symbolic links are not followed)");
    }
    return inode;
  }

  @Override
  public void found(Finding.Builder finding, List<Command<Boolean>> mends) throws CairnException {
    finding.setRepairable(!mends.isEmpty());
    if (request.getRepair()) {
      for (Command<Boolean> mend : mends) {
        finding.setRepaired(done(mend));
      }
    }
    page.addFindings(finding);
    if (page.getFindingsCount() == FINDINGS_PER_PAGE) {
      turn();
    }
  }

  private boolean done(Command<Boolean> mend) throws CairnException {
    CompletableFuture<Boolean> outcome = new CompletableFuture<>();
    master
        .writer()
        .submit(
            mend,
            new Answer<Boolean>() {
              @Override
              public void granted(Boolean done) {
                outcome.complete(done);
              }

              @Override
              public void refused(CairnException why) {
                outcome.completeExceptionally(why);
              }
            });
    try {
      return outcome.get(MEND_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof CairnException known
          ? known
          : ErrorCode.IO.because("a repair failed: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw ErrorCode.TIMED_OUT.because("a repair took too long", e);
    } catch (InterruptedException e) {
      throw Checks.stopping(e);
    }
  }

  /** Hands over what there is, also when nothing was found. */
  private void turn() throws CairnException {
    pages.take(page.build());
    page.clearFindings();
  }
}
