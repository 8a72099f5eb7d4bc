package dev.cairn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The borders between modules, and who may know which library. */
class ArchitectureTest {

  private static JavaClasses code;

  @BeforeAll
  static void read() {
    code =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.cairn");
  }

  @Test
  void rpc_knowsNobody() {
    noClasses()
        .that()
        .resideInAPackage("dev.cairn.rpc..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.cairn.master..",
            "dev.cairn.chunkserver..",
            "dev.cairn.client..",
            "dev.cairn.fuse..")
        .check(code);
  }

  @Test
  void master_knowsOnlyRpc() {
    noClasses()
        .that()
        .resideInAPackage("dev.cairn.master..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.cairn.chunkserver..", "dev.cairn.client..", "dev.cairn.fuse..")
        .check(code);
  }

  @Test
  void chunkserver_knowsOnlyRpc() {
    noClasses()
        .that()
        .resideInAPackage("dev.cairn.chunkserver..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.cairn.master..", "dev.cairn.client..", "dev.cairn.fuse..")
        .check(code);
  }

  @Test
  void client_knowsOnlyRpc() {
    noClasses()
        .that()
        .resideInAPackage("dev.cairn.client..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.cairn.master..", "dev.cairn.chunkserver..", "dev.cairn.fuse..")
        .check(code);
  }

  @Test
  void fuseMount_knowsOnlyClientAndRpc() {
    noClasses()
        .that()
        .resideInAPackage("dev.cairn.fuse..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.cairn.master..", "dev.cairn.chunkserver..")
        .check(code);
  }

  @Test
  void rocksdb_isKnownToOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.cairn.master.store")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.rocksdb..")
        .check(code);
  }

  @Test
  void ratis_isKnownToOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.cairn.master.raft")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.ratis..")
        .check(code);
  }

  @Test
  void prometheus_isKnownToOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.cairn.rpc.metrics")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.prometheus..", "com.sun.net.httpserver..")
        .check(code);
  }

  @Test
  void nativeCode_isKnownToTheMountOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.cairn.fuse..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jnr..", "ru.serce..", "com.kenai..")
        .check(code);
  }

  @Test
  void grpc_isKnownToTheAdaptersOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.cairn.rpc.proto",
            "dev.cairn.rpc.control",
            "dev.cairn.rpc.unary",
            "dev.cairn.rpc.error",
            "dev.cairn.master",
            "dev.cairn.master.service..",
            "dev.cairn.master.raft",
            "dev.cairn.chunkserver.heartbeat",
            "dev.cairn.client.master",
            "dev.cairn.client.cluster")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.grpc..")
        .check(code);
  }

  @Test
  void theFaceOfTheFilesystem_doesNotKnowItsImplementation() {
    noClasses()
        .that()
        .resideInAPackage("dev.cairn.client.vfs")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.cairn.client.file..",
            "dev.cairn.client.data..",
            "dev.cairn.client.master..",
            "dev.cairn.client.directory..")
        .check(code);
  }

  @Test
  void decisions_readNoClock() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.cairn.master.decide..", "dev.cairn.master.state..")
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .check(code);
  }

  @Test
  void nobody_sleeps() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(code);
  }

  @Test
  void packagesOfAModule_haveNoCycles() {
    for (String module : new String[] {"master", "chunkserver", "client", "fuse", "rpc"}) {
      slices().matching("dev.cairn." + module + ".(*)..").should().beFreeOfCycles().check(code);
    }
  }

  @Test
  void names_sayWhatThingsAre() {
    classes()
        .should()
        .haveNameNotMatching(".*(Impl|Manager|Helper|Utils?)$")
        .andShould()
        .resideOutsideOfPackages("..util..", "..common..")
        .check(code);
  }
}
