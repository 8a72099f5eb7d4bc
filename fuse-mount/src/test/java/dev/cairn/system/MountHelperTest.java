package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.master.compact.CompactionSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lines of fstab(5) as the documents show them, mounted by the system's own mount(8). The link that
 * it looks for is laid over /sbin in a mount namespace of the test's own.
 */
@Timeout(120)
class MountHelperTest {

  private static final String MOUNT =
      """
      set -e
      sbin=$(readlink -f /sbin)
      mkdir -p sbin mnt
      ln -sfn "$0" sbin/mount.fuse.cairn
      mount -t overlay overlay -o "lowerdir=$PWD/sbin:$sbin" "$sbin"
      echo "cairn:$1 $PWD/mnt fuse.cairn $2 0 0" > fstab
      mount -T fstab "$PWD/mnt"
      trap 'umount "$PWD/mnt"; rm sbin/mount.fuse.cairn' EXIT
      """;

  /** Says who a set-user-id program of root runs as, and whether a device can be opened. */
  private static final String TRY =
      """
      cp -f "$(command -v id)" mnt/id
      chmod 4755 mnt/id
      setpriv --reuid=65534 --regid=65534 --clear-groups mnt/id -u
      [ -e mnt/null ] || mknod -m 666 mnt/null c 1 3
      (echo x > mnt/null) 2> /dev/null && echo device || echo no device
      """;

  @TempDir Path scratch;
  private Shell shell;
  private InProcessCluster cluster;

  @BeforeEach
  void start() throws Exception {
    shell = new Shell(scratch);
    cluster =
        new InProcessCluster(
            InProcessCluster.settings(
                Files.createDirectory(scratch.resolve("master")),
                1 << 20,
                Duration.ofSeconds(60),
                CompactionSettings.defaults()));
    cluster.start(InProcessCluster.ANY_PORT, Files.createDirectory(scratch.resolve("chunks")));
  }

  @AfterEach
  void end() throws Exception {
    cluster.end();
  }

  private List<String> mounted(String options, String script) throws Exception {
    return mounted(cluster.master().toString(), options, script);
  }

  /** Mounts by a line of fstab with these masters and options, and says what the script does. */
  private List<String> mounted(String masters, String options, String script) throws Exception {
    String inside = "cd \"$3\"\n" + MOUNT + script;
    return shell
        .run(
            List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "bash",
                "-c",
                inside,
                Shell.launcher().toString(),
                masters,
                options,
                scratch.toString()))
        .well()
        .lines();
  }

  @Test
  void setUserIdProgramsAndDevices_work_unlessTheLineSaysNo() throws Exception {
    assertEquals(List.of("0", "device"), mounted("suid,dev,_netdev,nofail", TRY));
    assertEquals(List.of("65534", "no device"), mounted("nosuid,nodev,_netdev,nofail", TRY));
  }

  @Test
  void aLineMayNameSeveralMasters_asTheDeviceOrAsAnOption() throws Exception {
    String several = "127.0.0.1:1," + cluster.master();
    assertEquals(
        List.of("cairn:" + several), mounted(several, "_netdev", "findmnt -n -o SOURCE mnt"));
  }

  @Test
  void optionsOfALine_areInForce() throws Exception {
    assertEquals(
        List.of("ro,nosuid,nodev,noexec,noatime"),
        mounted(
            "ro,noauto,user,noatime,x-systemd.automount,nofail,_netdev",
            "findmnt -n -o VFS-OPTIONS mnt | sed 's/,relatime//'"));
  }
}
