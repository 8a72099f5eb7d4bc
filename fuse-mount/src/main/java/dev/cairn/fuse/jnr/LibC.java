package dev.cairn.fuse.jnr;

/**
 * The functions of the C library that are called. Public because jnr-ffi implements it in a package
 * of its own.
 */
public interface LibC {

  int geteuid();

  int access(long path, int mode);

  int umount2(long path, int flags);

  int dup(int descriptor);

  int dup2(int descriptor, int at);

  int close(int descriptor);

  /** Makes and opens a file; the six X at the template's end become the rest of its name. */
  int mkstemp(long template);
}
