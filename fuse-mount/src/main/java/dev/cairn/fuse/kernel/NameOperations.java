package dev.cairn.fuse.kernel;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.kernel.KernelLayout.LinkIn;
import dev.cairn.fuse.kernel.KernelLayout.MkdirIn;
import dev.cairn.fuse.kernel.KernelLayout.MknodIn;
import dev.cairn.fuse.kernel.KernelLayout.Rename2In;
import dev.cairn.fuse.kernel.KernelLayout.RenameIn;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import dev.cairn.rpc.error.CairnException;

/** Looking up, making, moving and removing names. */
final class NameOperations {

  /** renameat2(2). */
  private static final int RENAME_NOREPLACE = 1;

  private static final int RENAME_EXCHANGE = 2;

  private static final ByteString ITSELF = ByteString.copyFromUtf8(".");

  private final Vfs vfs;
  private final AttributeLayout layout;

  NameOperations(Vfs vfs, AttributeLayout layout) {
    this.vfs = vfs;
    this.layout = layout;
  }

  void register(Operations operations) {
    operations.add(Opcode.LOOKUP, this::lookup);
    operations.add(Opcode.READLINK, this::readSymlink);
    operations.add(Opcode.SYMLINK, this::symlink);
    operations.add(Opcode.MKNOD, this::makeNode);
    operations.add(Opcode.MKDIR, this::makeDirectory);
    operations.add(Opcode.UNLINK, this::unlink);
    operations.add(Opcode.RMDIR, this::removeDirectory);
    operations.add(Opcode.RENAME, this::rename);
    operations.add(Opcode.RENAME2, this::renameWithFlags);
    operations.add(Opcode.LINK, this::link);
  }

  private void lookup(Request request, Reply reply) {
    ByteString name = request.text(0);
    if (name.equals(ITSELF)) {
      // From a file handle (FUSE_EXPORT_SUPPORT): of a file as well as of a directory.
      reply.answer(vfs.getAttributes(request.node()), layout::entry);
    } else {
      reply.answer(vfs.lookup(request.node(), name), layout::entry);
    }
  }

  private void readSymlink(Request request, Reply reply) {
    long node = request.node();
    reply.answerUpTo(
        Pages.SIZE,
        body -> vfs.readSymlink(node),
        (target, body) -> {
          target.copyTo(body.duplicate());
          return target.size();
        });
  }

  private void symlink(Request request, Reply reply) {
    ByteString name = request.text(0);
    ByteString target = request.text(name.size() + 1);
    reply.answer(vfs.symlink(request.caller(), request.node(), name, target), layout::entry);
  }

  private void makeNode(Request request, Reply reply) {
    int mode = request.intAt(MknodIn.MODE);
    try {
      reply.answer(
          vfs.makeNode(
              request.caller(),
              request.node(),
              request.text(MknodIn.SIZEOF),
              FileMode.type(mode),
              mode & FileMode.PERMISSIONS,
              request.intAt(MknodIn.RDEV)),
          layout::entry);
    } catch (CairnException e) {
      reply.errno(e.code().errno());
    }
  }

  private void makeDirectory(Request request, Reply reply) {
    int permissions = request.intAt(MkdirIn.MODE) & FileMode.PERMISSIONS;
    ByteString name = request.text(MkdirIn.SIZEOF);
    reply.answer(
        vfs.makeDirectory(request.caller(), request.node(), name, permissions), layout::entry);
  }

  private void unlink(Request request, Reply reply) {
    reply.answerDone(vfs.unlink(request.node(), request.text(0)));
  }

  private void removeDirectory(Request request, Reply reply) {
    reply.answerDone(vfs.removeDirectory(request.node(), request.text(0)));
  }

  private void rename(Request request, Reply reply) {
    rename(request, reply, request.longAt(RenameIn.NEWDIR), RenameIn.SIZEOF, 0);
  }

  private void renameWithFlags(Request request, Reply reply) {
    int flags = request.intAt(Rename2In.FLAGS);
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0) {
      reply.errno(Errno.EINVAL);
      return;
    }
    rename(request, reply, request.longAt(Rename2In.NEWDIR), Rename2In.SIZEOF, flags);
  }

  private void rename(Request request, Reply reply, long newParent, int namesAt, int flags) {
    ByteString name = request.text(namesAt);
    ByteString newName = request.text(namesAt + name.size() + 1);
    reply.answerDone(
        vfs.rename(
            request.node(),
            name,
            newParent,
            newName,
            (flags & RENAME_NOREPLACE) != 0,
            (flags & RENAME_EXCHANGE) != 0));
  }

  private void link(Request request, Reply reply) {
    ByteString newName = request.text(LinkIn.SIZEOF);
    reply.answer(
        vfs.link(request.longAt(LinkIn.OLDNODEID), request.node(), newName), layout::entry);
  }
}
