package dev.cairn.fuse.jnr;

/** What the kernel remembers of files, by its own numbers of them, and can be made to forget. */
interface KernelMemory {

  /** Makes the kernel ask again for the attributes of a file. */
  void forgetAttributes(long node);

  /**
   * Makes the kernel drop all pages of a file, and its attributes. Waits for those that are being
   * read or written.
   */
  void forgetContent(long node);
}
