package dev.cairn.fuse.kernel;

import dev.cairn.client.local.MountTable;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.Binding;
import dev.cairn.fuse.MountSettings;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel's FUSE protocol itself; for Linux 5.4 and later. */
public final class KernelBinding implements Binding {

  private static final Logger LOG = LoggerFactory.getLogger(KernelBinding.class);

  /** WRITEs that may always wait for servers before their bytes are copied to the heap. */
  private static final int SPARE_REQUEST_BUFFERS = 24;

  /** So many more may wait at most, as far as there is memory to spare. */
  private static final int MOST_FURTHER_SPARES = 136;

  @Override
  public String whyNot() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return "the kernel binding is for Linux";
    }
    if (!Files.exists(Path.of(Device.PATH))) {
      return "there is no "
          + Device.PATH
          + " here: load the kernel module with 'modprobe fuse', or give the container the device";
    }
    if (mounter().isEmpty()) {
      return "mounting takes root, or the program fusermount3 (package fuse3)";
    }
    return null;
  }

  @Override
  public long directBytes(MountSettings settings) {
    return RequestBuffers.mostBytes(settings.threads(), SPARE_REQUEST_BUFFERS)
        + new ReplyBuffers().mostBytes();
  }

  private static int spares(MountSettings settings) {
    long further = settings.spareBytes() / RequestBuffers.mostBytes(0, 1);
    return SPARE_REQUEST_BUFFERS + (int) Math.min(further, MOST_FURTHER_SPARES);
  }

  private static Optional<? extends Mounter> mounter() {
    return LibC.INSTANCE.geteuid() == 0 ? Optional.of(new RootMounter()) : FusermountMounter.find();
  }

  @Override
  public Mount mount(Vfs vfs, MountSettings settings) throws CairnException {
    String reason = whyNot();
    if (reason != null) {
      throw ErrorCode.NOT_SUPPORTED.because(reason);
    }
    Mounter mounter = mounter().orElseThrow();
    clearDeadMount(settings.mountPoint(), mounter);

    Device device = mounter.mount(settings);
    RequestBuffers requestBuffers = new RequestBuffers(settings.threads(), spares(settings));
    ReplyBuffers replyBuffers = new ReplyBuffers();
    Interruptions interruptions = new Interruptions();
    try {
      shakeHands(device, requestBuffers, replyBuffers, interruptions, vfs.sharesLocks());
    } catch (CairnException e) {
      mounter.detach(settings.mountPoint());
      device.close();
      interruptions.close();
      throw e;
    }
    if (mounter instanceof RootMounter) {
      ReadAhead.raise(settings.mountPoint());
    }
    Operations operations =
        operations(vfs, settings, requestBuffers, interruptions, new Notifications(device));
    OpcodeMeters meters = new OpcodeMeters();
    return new KernelMount(
        settings.mountPoint(),
        mounter,
        device,
        interruptions,
        settings.threads(),
        meters,
        () ->
            new RequestLoop(
                device, operations, requestBuffers, replyBuffers, interruptions, meters));
  }

  /** A mount of ours whose process was killed is still there, and fails every access. */
  private static void clearDeadMount(Path mountPoint, Mounter mounter) throws CairnException {
    Optional<MountTable.Entry> there;
    try {
      there = MountTable.read().at(mountPoint);
    } catch (IOException e) {
      throw ErrorCode.IO.because("cannot read what is mounted: " + e.getMessage(), e);
    }
    if (there.isEmpty()) {
      return;
    }
    boolean dead =
        LibC.INSTANCE.access(mountPoint.toString(), 0) != 0 && Errno.last() == Errno.ENOTCONN;
    if (there.get().isCairn() && dead) {
      LOG.info("{} was left behind by a mount that is dead: unmounting it", mountPoint);
      mounter.detach(mountPoint);
    } else if (dead) {
      throw ErrorCode.BUSY.because(
          mountPoint
              + " is a dead mount of "
              + there.get().source()
              + ": run 'umount -l "
              + mountPoint
              + "' first");
    } else if (there.get().isCairn()) {
      throw ErrorCode.BUSY.because(
          there.get().source()
              + " is mounted at "
              + mountPoint
              + " already: run 'cairn umount "
              + mountPoint
              + "' first");
    }
  }

  private static void shakeHands(
      Device device,
      RequestBuffers requestBuffers,
      ReplyBuffers replyBuffers,
      Interruptions interruptions,
      boolean sharesLocks)
      throws CairnException {
    RequestBuffer buffer = requestBuffers.take();
    try {
      int length = device.read(buffer);
      if (length < 0) {
        throw ErrorCode.IO.because("the kernel does not begin: " + Errno.name(-length));
      }
      Request request = new Request(buffer, length);
      Handshake.accept(
          request, new Reply(device, replyBuffers, interruptions, request), sharesLocks);
    } finally {
      buffer.release();
    }
  }

  private static Operations operations(
      Vfs vfs,
      MountSettings settings,
      RequestBuffers requestBuffers,
      Interruptions interruptions,
      Notifications notifications) {
    Operations operations = new Operations();
    vfs.onStalePages(notifications::contentChanged);
    SetIdFiles setIdFiles = new SetIdFiles(notifications);
    AttributeLayout layout = new AttributeLayout(settings.cacheMillis(), setIdFiles);
    new NameOperations(vfs, layout).register(operations);
    new AttributeOperations(vfs, layout).register(operations);
    LockOperations locks = new LockOperations(vfs, notifications);
    locks.register(operations);
    new FileOperations(vfs, layout, notifications, setIdFiles, locks).register(operations);
    new DataOperations(vfs, requestBuffers, setIdFiles).register(operations);
    new DirectoryOperations(vfs, layout).register(operations);
    new XattrOperations(vfs).register(operations);
    new SessionOperations(interruptions).register(operations);
    return operations;
  }
}
