package dev.cairn.client.leasefile;

import com.google.protobuf.ByteString;
import dev.cairn.client.Failures;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.util.concurrent.CompletableFuture;

/** What there is under {@code .cairn}, and what it looks like. */
final class LeaseNodes {

  static final ByteString CAIRN = ByteString.copyFromUtf8(".cairn");
  static final ByteString LEASE = ByteString.copyFromUtf8("lease");
  static final ByteString SELF = ByteString.copyFromUtf8(".");
  static final ByteString PARENT = ByteString.copyFromUtf8("..");

  private static final int READ_ONLY_DIRECTORY = 0555;
  private static final int PERMISSIONS = 0777;

  /** So that the length does not change while the seconds count down. */
  private static final int LINE_BYTES = 64;

  private final Vfs vfs;

  LeaseNodes(Vfs vfs) {
    this.vfs = vfs;
  }

  CompletableFuture<Attributes> attributes(long own) {
    return own == Numbers.CAIRN
        ? vfs.getAttributes(Vfs.ROOT).thenApply(LeaseNodes::ofCairn)
        : vfs.getAttributes(Numbers.below(own))
            .thenCompose(
                below ->
                    content(below.getInode())
                        .exceptionallyCompose(LeaseNodes::emptyWithoutLease)
                        .thenApply(content -> shown(below, content.size())));
  }

  /** The entry of a directory of leases; fails with {@code NO_ENTRY}. */
  CompletableFuture<Attributes> lookup(long own, ByteString name) {
    if (own == Numbers.CAIRN) {
      return lookupInCairn(name);
    }
    long directory = Numbers.below(own);
    if (name.equals(SELF)) {
      return attributes(own);
    }
    if (name.equals(PARENT) && directory == Vfs.ROOT) {
      return attributes(Numbers.CAIRN);
    }
    return vfs.lookup(directory, name)
        .thenCompose(
            below ->
                switch (below.getType()) {
                  case DIRECTORY -> CompletableFuture.completedFuture(shown(below, 0));
                  case REGULAR ->
                      content(below.getInode()).thenApply(content -> shown(below, content.size()));
                  default -> CompletableFuture.failedFuture(noEntry(name));
                });
  }

  private CompletableFuture<Attributes> lookupInCairn(ByteString name) {
    if (name.equals(LEASE)) {
      return attributes(Numbers.own(Vfs.ROOT));
    }
    if (name.equals(SELF)) {
      return attributes(Numbers.CAIRN);
    }
    return name.equals(PARENT)
        ? vfs.getAttributes(Vfs.ROOT)
        : CompletableFuture.failedFuture(noEntry(name));
  }

  /** The regular file whose lease has that name. */
  CompletableFuture<Attributes> leased(long own, ByteString name) {
    if (own == Numbers.CAIRN) {
      return CompletableFuture.failedFuture(
          ErrorCode.NOT_PERMITTED.because("in .cairn there is only the directory 'lease'"));
    }
    return vfs.lookup(Numbers.below(own), name)
        .thenCompose(
            below ->
                switch (below.getType()) {
                  case REGULAR -> CompletableFuture.completedFuture(below);
                  case DIRECTORY ->
                      CompletableFuture.failedFuture(
                          ErrorCode.IS_DIRECTORY.because("a directory has no lease"));
                  default ->
                      CompletableFuture.failedFuture(
                          ErrorCode.INVALID.because("only a regular file has a lease"));
                });
  }

  /** Who has the lease, in a line; fails with {@code NO_ENTRY} when nobody has. */
  CompletableFuture<ByteString> content(long file) {
    return vfs.getXattr(file, Vfs.LEASE)
        .thenApply(LeaseNodes::line)
        .exceptionallyCompose(error -> CompletableFuture.failedFuture(asEntry(error)));
  }

  /** Where there is no lease, or no longer one, there is nothing to read. */
  private static CompletableFuture<ByteString> emptyWithoutLease(Throwable error) {
    return Failures.of(error).code() == ErrorCode.NO_ENTRY
        ? CompletableFuture.completedFuture(ByteString.EMPTY)
        : CompletableFuture.failedFuture(error);
  }

  private static ByteString line(ByteString holder) {
    int length = holder.size() + 1;
    int padding = (LINE_BYTES - length % LINE_BYTES) % LINE_BYTES;
    return holder.concat(ByteString.copyFromUtf8(" ".repeat(padding) + "\n"));
  }

  /** That there is no lease means here that there is no file. */
  static CairnException asEntry(Throwable error) {
    CairnException why = Failures.of(error);
    return why.code() == ErrorCode.NO_ATTRIBUTE
        ? ErrorCode.NO_ENTRY.because(why.getMessage(), why)
        : why;
  }

  private static CairnException noEntry(ByteString name) {
    return ErrorCode.NO_ENTRY.because("there is no '" + name.toStringUtf8() + "' here");
  }

  private static Attributes ofCairn(Attributes root) {
    return shown(root, 0).toBuilder()
        .setInode(Numbers.CAIRN)
        .setPermissions(READ_ONLY_DIRECTORY)
        .build();
  }

  static Attributes shown(Attributes below, int length) {
    boolean directory = below.getType() == FileType.DIRECTORY;
    return below.toBuilder()
        .setInode(Numbers.own(below.getInode()))
        .setPermissions(below.getPermissions() & PERMISSIONS)
        .setLinks(directory ? 2 : 1)
        .setSize(length)
        .setAllocated(0)
        .build();
  }
}
