package dev.cairn.fuse.jnr;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Type;
import jnr.ffi.LibraryLoader;

/**
 * Calls {@code fuse_new} as it is since libfuse 2.6: {@code struct fuse *fuse_new(struct fuse_chan
 * *, struct fuse_args *, const struct fuse_operations *, size_t, void *)}.
 *
 * <p>The library has three older functions of that name, for older programs. One of them has no
 * version (it is of the base), and that is what dlsym(3) of the GNU C library answers, whatever the
 * default is; so the name is asked for together with its version.
 */
final class FuseNew {

  private static final String VERSION = "FUSE_2.6";
  private static final int RTLD_LAZY = 1;
  private static final CallContext SIGNATURE =
      CallContext.getCallContext(
          Type.POINTER,
          new Type[] {Type.POINTER, Type.POINTER, Type.POINTER, Type.ULONG, Type.POINTER},
          CallingConvention.DEFAULT,
          false);

  private final long function;

  private FuseNew(long function) {
    this.function = function;
  }

  /**
   * Finds the function.
   *
   * @throws LinkageError when the library doesn't have it
   */
  static FuseNew of(String library) {
    long function = Libraries.DARWIN ? 0 : versioned(library);
    if (function == 0) {
      function =
          com.kenai.jffi.Library.getCachedInstance(library, com.kenai.jffi.Library.LAZY)
              .getSymbolAddress("fuse_new");
    }
    if (function == 0) {
      throw new UnsatisfiedLinkError(library + " has no fuse_new");
    }
    return new FuseNew(function);
  }

  private static long versioned(String library) {
    try (NativeString name = new NativeString(library);
        NativeString symbol = new NativeString("fuse_new");
        NativeString version = new NativeString(VERSION)) {
      LibDl linker = LibraryLoader.create(LibDl.class).failImmediately().load("libdl.so.2");
      long handle = linker.dlopen(name.address(), RTLD_LAZY);
      return handle == 0 ? 0 : linker.dlvsym(handle, symbol.address(), version.address());
    } catch (LinkageError e) {
      return 0; // Other C libraries have neither versions nor this trap.
    }
  }

  /** Answers the filesystem's object, or 0 after having said why on the standard error. */
  long call(long channel, long arguments, long operations, long operationsBytes) {
    return Invoker.getInstance()
        .invokeN5(SIGNATURE, function, channel, arguments, operations, operationsBytes, 0);
  }
}
