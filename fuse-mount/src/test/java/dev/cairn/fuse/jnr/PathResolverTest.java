package dev.cairn.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.MemoryVfs;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PathResolverTest {

  private static final Vfs.Caller ROOT_USER = new Vfs.Caller(0, 0, 1);
  private static final long LIFE_NANOS = 1000;

  private final MemoryVfs files = new MemoryVfs();
  private final AtomicInteger lookups = new AtomicInteger();
  private final AtomicLong clock = new AtomicLong();
  private final NameCache cache = new NameCache(LIFE_NANOS, clock::get);
  private final HiddenFiles hidden = new HiddenFiles();
  private final PathResolver paths =
      new PathResolver(counting(files), new Answers(() -> {}, () -> false), cache, hidden);

  @Test
  void inode_ofTheRoot_asksNobody() throws Exception {
    assertEquals(Vfs.ROOT, paths.inode(path("/")));
    assertEquals(0, lookups.get());
  }

  @Test
  void inode_ofADeepPath_isFoundComponentByComponent() throws Exception {
    long c = makeTree();
    assertEquals(c, paths.inode(path("/a/b/c")));
    assertEquals(3, lookups.get());
  }

  @Test
  void inode_askedForAgain_isRemembered() throws Exception {
    long c = makeTree();
    paths.inode(path("/a/b/c"));
    clock.addAndGet(LIFE_NANOS - 1);
    assertEquals(c, paths.inode(path("/a/b/c")));
    assertEquals(3, lookups.get());
  }

  @Test
  void inode_afterItsTime_isAskedForAgain() throws Exception {
    makeTree();
    paths.inode(path("/a/b/c"));
    clock.addAndGet(LIFE_NANOS);
    paths.inode(path("/a/b/c"));
    assertEquals(6, lookups.get());
  }

  @Test
  void inode_withoutCaching_isAskedForEachTime() throws Exception {
    makeTree();
    PathResolver uncached =
        new PathResolver(
            counting(files),
            new Answers(() -> {}, () -> false),
            new NameCache(0, clock::get),
            hidden);
    uncached.inode(path("/a/b/c"));
    uncached.inode(path("/a/b/c"));
    assertEquals(6, lookups.get());
  }

  @Test
  void lookup_asksForTheLastNameAlone() throws Exception {
    long c = makeTree();
    paths.inode(path("/a/b/c"));
    assertEquals(c, paths.lookup(path("/a/b/c")).getInode());
    assertEquals(4, lookups.get());
  }

  @Test
  void lookup_ofWhatAnotherClientRemoved_isAFailureAtOnce() throws Exception {
    makeTree();
    paths.inode(path("/a/b/c"));
    long b = paths.inode(path("/a/b"));
    files.unlink(b, name("c")).get();
    assertCode(ErrorCode.NO_ENTRY, path("/a/b/c"));
    CairnException error = assertThrows(CairnException.class, () -> paths.inode(path("/a/b/c")));
    assertEquals(ErrorCode.NO_ENTRY, error.code());
  }

  @Test
  void place_needNotExist() throws Exception {
    makeTree();
    Place place = paths.place(path("/a/b/new"));
    assertEquals(paths.inode(path("/a/b")), place.parent());
    assertEquals(name("new"), place.name());
  }

  @Test
  void place_ofTheRoot_isAFailure() {
    assertThrows(CairnException.class, () -> paths.place(path("/")));
  }

  @Test
  void inode_throughAFile_isAFailure() throws Exception {
    makeTree();
    CairnException error = assertThrows(CairnException.class, () -> paths.inode(path("/a/b/c/d")));
    assertEquals(ErrorCode.NOT_DIRECTORY, error.code());
  }

  @Test
  void inode_ofANameThatIsNoText_isFound() throws Exception {
    byte[] bytes = {'/', (byte) 0xff, (byte) 0xfe, '\n', ' '};
    ByteString raw = ByteString.copyFrom(bytes);
    long inode = files.makeDirectory(ROOT_USER, Vfs.ROOT, raw.substring(1), 0755).get().getInode();
    assertEquals(inode, paths.inode(new FusePath(raw)));
  }

  @Test
  void inode_ofAHiddenFile_isKnownWithoutItsName() throws Exception {
    makeTree();
    FusePath path = path("/a/.fuse_hidden0000000200000001");
    hidden.hide(paths.place(path), 77);
    assertEquals(77, paths.inode(path));
    assertTrue(paths.isHidden(path));
    assertTrue(hidden.forget(paths.place(path)));
    assertFalse(paths.isHidden(path));
    assertCode(ErrorCode.NO_ENTRY, path);
  }

  private void assertCode(ErrorCode code, FusePath path) {
    assertEquals(code, assertThrows(CairnException.class, () -> paths.lookup(path)).code());
  }

  /** Makes /a/b/c; answers the inode of c, a file. */
  private long makeTree() throws Exception {
    long a = files.makeDirectory(ROOT_USER, Vfs.ROOT, name("a"), 0755).get().getInode();
    long b = files.makeDirectory(ROOT_USER, a, name("b"), 0755).get().getInode();
    return files
        .create(ROOT_USER, b, name("c"), 0644, true, new Vfs.OpenFlags(true, true, false, false))
        .get()
        .attributes()
        .getInode();
  }

  private Vfs counting(Vfs vfs) {
    return (Vfs)
        Proxy.newProxyInstance(
            Vfs.class.getClassLoader(),
            new Class<?>[] {Vfs.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("lookup")) {
                lookups.incrementAndGet();
              }
              try {
                return method.invoke(vfs, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static FusePath path(String text) {
    return new FusePath(ByteString.copyFromUtf8(text));
  }

  private static ByteString name(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
