package dev.cairn.fuse.kernel;

/** Memory that an operation may use until its future is done. */
interface Lease {

  Lease NONE =
      new Lease() {
        @Override
        public void release() {}

        @Override
        public void abandon() {}
      };

  /** The operation is done with it. */
  void release();

  /** The operation was given up and may still look at it, or write to it: never use it again. */
  void abandon();
}
