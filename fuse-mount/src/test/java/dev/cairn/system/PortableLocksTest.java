package dev.cairn.system;

import dev.cairn.fuse.jnr.JnrBinding;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/** The same with mounts through libfuse 2. */
class PortableLocksTest extends LocksTest {

  @BeforeAll
  static void libfuse2() {
    String whyNot = new JnrBinding().whyNot();
    Assumptions.assumeTrue(whyNot == null, () -> "skipped: " + whyNot);
  }

  @Override
  String binding() {
    return "jnr-fuse";
  }
}
