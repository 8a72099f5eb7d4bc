package dev.cairn.client.leasefile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.MemoryVfs;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.AttributeChange;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.Created;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.client.vfs.Vfs.Opened;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Leases as files, over a filesystem in memory with two clients. */
final class LeaseFilesTest {

  private static final Caller CALLER = new Caller(1, 1, 1);
  private static final OpenFlags READ = new OpenFlags(true, false, false, false);
  private static final OpenFlags WRITE = new OpenFlags(false, true, false, false);

  private final MemoryVfs below = new MemoryVfs();
  private final MemoryVfs another = below.anotherClient();
  private final Vfs vfs = new LeaseFiles(below);
  private final Vfs others = new LeaseFiles(another);
  private long directory;
  private long file;

  @BeforeEach
  void fileInADirectory() throws CairnException {
    directory = Answers.of(below.makeDirectory(CALLER, Vfs.ROOT, name("dir"), 0750)).getInode();
    Created created = Answers.of(below.create(CALLER, directory, name("file"), 0640, true, WRITE));
    Answers.of(below.release(created.opened().handle()));
    file = created.attributes().getInode();
  }

  private static ByteString name(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static Attributes walk(Vfs in, String path) throws CairnException {
    Attributes at = Answers.of(in.getAttributes(Vfs.ROOT));
    for (ByteString component : Tree.components(path)) {
      at = Answers.of(in.lookup(at.getInode(), component));
    }
    return at;
  }

  private static ErrorCode refusal(CompletableFuture<?> future) {
    return assertThrows(CairnException.class, () -> Answers.of(future)).code();
  }

  private static CompletableFuture<Created> take(Vfs in, boolean exclusive) throws CairnException {
    long parent = walk(in, ".cairn/lease/dir").getInode();
    return in.create(CALLER, parent, name("file"), 0644, exclusive, WRITE);
  }

  private static List<String> list(Vfs in, long inode) throws CairnException {
    long handle = Answers.of(in.openDirectory(inode));
    List<String> names = new ArrayList<>();
    for (DirectoryEntry entry : Answers.of(in.readDirectory(handle, 0, 100, true)).entries()) {
      String name = entry.name().toStringUtf8();
      if (!name.equals(".") && !name.equals("..")) {
        names.add(name);
      }
    }
    Answers.of(in.releaseDirectory(handle));
    return names;
  }

  private static String read(Vfs in, String path) throws CairnException {
    Attributes attributes = walk(in, path);
    Opened opened = Answers.of(in.open(attributes.getInode(), READ));
    ByteBuffer bytes = ByteBuffer.allocate(1000);
    int length = Answers.of(in.read(opened.handle(), 0, bytes));
    assertEquals(attributes.getSize(), length);
    assertEquals(0, Answers.of(in.read(opened.handle(), length, ByteBuffer.allocate(9))));
    Answers.of(in.release(opened.handle()));
    return new String(bytes.array(), 0, length, StandardCharsets.UTF_8);
  }

  @Test
  void lease_isAFileAsLongAsItIsThere() throws CairnException {
    long parent = walk(vfs, ".cairn/lease/dir").getInode();
    assertEquals(ErrorCode.NO_ENTRY, refusal(vfs.lookup(parent, name("file"))));
    Created created = Answers.of(take(vfs, false));
    assertEquals("1m", value());
    assertEquals(64, created.attributes().getSize());
    Answers.of(vfs.release(created.opened().handle()));
    assertEquals("1m", read(vfs, ".cairn/lease/dir/file").strip());
    assertEquals("1m", read(others, ".cairn/lease/dir/file").strip());
    Answers.of(vfs.unlink(parent, name("file")));
    assertEquals(ErrorCode.NO_ENTRY, refusal(vfs.lookup(parent, name("file"))));
    assertEquals(ErrorCode.NO_ENTRY, refusal(vfs.unlink(parent, name("file"))));
    assertEquals(ErrorCode.NO_ATTRIBUTE, refusal(below.getXattr(file, Vfs.LEASE)));
  }

  private String value() throws CairnException {
    return Answers.of(below.getXattr(file, Vfs.LEASE)).toStringUtf8();
  }

  @Test
  void exclusiveCreation_isForWhoHasItAlready_anError_andForOthersBusy() throws CairnException {
    Answers.of(take(vfs, true));
    assertEquals(ErrorCode.EXISTS, refusal(take(vfs, true)));
    Answers.of(take(vfs, false));
    assertEquals(ErrorCode.BUSY, refusal(take(others, true)));
    assertEquals(ErrorCode.BUSY, refusal(take(others, false)));
    long lease = walk(others, ".cairn/lease/dir/file").getInode();
    assertEquals(ErrorCode.BUSY, refusal(others.open(lease, WRITE)));
    AttributeChange now =
        new AttributeChange(null, null, null, null, null, null, true, true, false);
    assertEquals(ErrorCode.BUSY, refusal(others.setAttributes(lease, now)));
    long parent = walk(others, ".cairn/lease/dir").getInode();
    assertEquals(ErrorCode.NOT_PERMITTED, refusal(others.unlink(parent, name("file"))));
  }

  @Test
  void whatIsWritten_isTheTerm() throws CairnException {
    long handle = Answers.of(take(vfs, false)).opened().handle();
    ByteBuffer term = ByteBuffer.wrap("10m".getBytes(StandardCharsets.UTF_8));
    assertEquals(3, Answers.of(vfs.write(handle, 0, term, false)));
    assertEquals("10m", value());
  }

  @Test
  void refusedTerm_leavesTheLeaseAsItIs() throws CairnException {
    long first = Answers.of(take(vfs, false)).opened().handle();
    assertEquals(3, Answers.of(vfs.write(first, 0, term("10m"), false)));
    Answers.of(vfs.release(first));
    long lease = walk(vfs, ".cairn/lease/dir/file").getInode();
    AttributeChange truncation =
        new AttributeChange(null, null, null, 0L, null, null, false, true, false);
    Answers.of(vfs.setAttributes(lease, truncation));
    long second = Answers.of(vfs.open(lease, WRITE)).handle();
    Answers.of(vfs.flush(second));
    assertEquals(ErrorCode.INVALID, refusal(vfs.write(second, 0, term("junk"), false)));
    Answers.of(vfs.release(second));
    assertEquals("10m", value());
  }

  @Test
  void openingAndClosing_renewsForTheUsualTerm() throws CairnException {
    long first = Answers.of(take(vfs, false)).opened().handle();
    Answers.of(vfs.write(first, 0, term("10m"), false));
    Answers.of(vfs.release(first));
    long second = Answers.of(take(vfs, false)).opened().handle();
    assertEquals("10m", value());
    Answers.of(vfs.release(second));
    assertEquals("1m", value());
  }

  private static ByteBuffer term(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void listings_showLeasesAndWhatLeadsToThem_andNeverThemselves() throws CairnException {
    assertEquals(List.of("dir"), list(vfs, Vfs.ROOT));
    assertEquals(List.of("lease"), list(vfs, walk(vfs, ".cairn").getInode()));
    long leases = walk(vfs, ".cairn/lease").getInode();
    assertEquals(List.of(), list(vfs, leases));
    Answers.of(take(others, false));
    assertEquals(List.of("dir"), list(vfs, leases));
    assertEquals(List.of("file"), list(vfs, walk(vfs, ".cairn/lease/dir").getInode()));
  }

  @Test
  void directories_areThoseOfTheFilesystem_withNumbersOfTheirOwn() throws CairnException {
    Attributes shown = walk(vfs, ".cairn/lease/dir");
    assertEquals(FileType.DIRECTORY, shown.getType());
    assertEquals(0750, shown.getPermissions());
    assertNotEquals(directory, shown.getInode());
    assertEquals(shown, Answers.of(vfs.getAttributes(shown.getInode())));
    assertEquals(walk(vfs, ".cairn/lease"), walk(vfs, ".cairn/lease/dir/.."));
    assertEquals(walk(vfs, ".cairn"), walk(vfs, ".cairn/lease/.."));
    assertEquals(Vfs.ROOT, walk(vfs, ".cairn/..").getInode());
    assertFalse(walk(vfs, ".cairn").equals(walk(vfs, ".cairn/lease")));
  }

  @Test
  void nothingElseCanBeMadeThere() throws CairnException {
    long parent = walk(vfs, ".cairn/lease").getInode();
    ByteString x = name("x");
    assertEquals(ErrorCode.NOT_PERMITTED, refusal(vfs.makeDirectory(CALLER, parent, x, 0700)));
    assertEquals(ErrorCode.NOT_PERMITTED, refusal(vfs.symlink(CALLER, parent, x, x)));
    assertEquals(ErrorCode.NOT_PERMITTED, refusal(vfs.link(file, parent, x)));
    assertEquals(
        ErrorCode.NOT_PERMITTED,
        refusal(vfs.rename(Vfs.ROOT, name("dir"), parent, x, false, false)));
    assertEquals(ErrorCode.NO_ENTRY, refusal(vfs.create(CALLER, parent, x, 0600, false, WRITE)));
    ByteString dir = name("dir");
    assertEquals(
        ErrorCode.IS_DIRECTORY, refusal(vfs.create(CALLER, parent, dir, 0600, false, WRITE)));
    ByteString cairn = name(".cairn");
    assertEquals(ErrorCode.EXISTS, refusal(vfs.makeDirectory(CALLER, Vfs.ROOT, cairn, 0700)));
    assertEquals(
        ErrorCode.NOT_PERMITTED, refusal(vfs.rename(Vfs.ROOT, dir, Vfs.ROOT, cairn, false, false)));
    assertEquals(ErrorCode.NOT_PERMITTED, refusal(vfs.removeDirectory(Vfs.ROOT, cairn)));
  }

  @Test
  void everythingElse_isThatBelow() throws CairnException {
    Created created = Answers.of(vfs.create(CALLER, Vfs.ROOT, name("f"), 0600, true, WRITE));
    long handle = created.opened().handle();
    assertEquals(2, Answers.of(vfs.write(handle, 0, ByteBuffer.wrap(new byte[2]), false)));
    Answers.of(vfs.release(handle));
    assertEquals(2, Answers.of(below.getAttributes(created.attributes().getInode())).getSize());
    assertTrue(list(vfs, Vfs.ROOT).contains("f"));
    assertEquals(0, below.openHandles());
  }

  @Test
  void aLeaseThatCannotBeAskedFor_isNoEmptyOne() throws CairnException {
    Created created = Answers.of(take(vfs, false));
    Answers.of(vfs.release(created.opened().handle()));
    long lease = created.attributes().getInode();
    Vfs away =
        (Vfs)
            Proxy.newProxyInstance(
                Vfs.class.getClassLoader(),
                new Class<?>[] {Vfs.class},
                (self, method, arguments) ->
                    method.getName().equals("getXattr")
                        ? CompletableFuture.failedFuture(ErrorCode.IO.because("nobody answers"))
                        : method.invoke(below, arguments));
    assertEquals(ErrorCode.IO, refusal(new LeaseFiles(away).getAttributes(lease)));
    assertEquals(64, Answers.of(vfs.getAttributes(lease)).getSize());
    Answers.of(below.removeXattr(file, Vfs.LEASE));
    assertEquals(0, Answers.of(vfs.getAttributes(lease)).getSize());
  }
}
