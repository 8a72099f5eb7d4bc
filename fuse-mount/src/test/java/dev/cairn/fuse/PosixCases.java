package dev.cairn.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/**
 * What all classes of POSIX cases share: one mount for the cases of a class, of files in memory by
 * one of the bindings or of a whole cluster, and a fresh directory in it for each case. The cases
 * see a mount as applications do, through a shell or Java's file operations.
 */
abstract class PosixCases {

  private static MountUnderTest mounted;

  @Parameter String kind;

  /** The case's own directory, on the mount. */
  Path here;

  /** A shell in that directory. */
  Shell shell;

  @BeforeParameterizedClassInvocation
  static void mount(String kind) throws IOException {
    mounted = kind.equals("cluster") ? MountedCluster.start() : Mounted.start(kind);
  }

  @AfterParameterizedClassInvocation
  static void unmount() throws IOException {
    mounted.close();
  }

  @BeforeEach
  void makeDirectory(TestInfo test) throws IOException {
    String name = test.getTestMethod().orElseThrow().getName();
    here = Files.createDirectory(mounted.root().resolve(name));
    shell = mounted.shell(here);
  }

  /** Has the kernel forget pages, names and attributes, so that the filesystem is asked again. */
  void dropCaches() {
    shell.check("sync; echo 3 > /proc/sys/vm/drop_caches");
  }
}
