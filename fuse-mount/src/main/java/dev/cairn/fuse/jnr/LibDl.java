package dev.cairn.fuse.jnr;

/**
 * The functions of the dynamic linker that are called. Public because jnr-ffi implements it in a
 * package of its own.
 */
public interface LibDl {

  long dlopen(long name, int flags);

  /** A symbol of that version; of the GNU C library only. */
  long dlvsym(long library, long symbol, long version);
}
