package dev.cairn.client.command;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.PathErrors;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.LeaseTerm;
import dev.cairn.rpc.TimeText;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a lease of a file for the user. */
@Command(
    name = "lease",
    description = {
      "Take the exclusive right to write a file, for a limited time.",
      "Until the time is over or 'cairn unlease' gives it back, everybody but commands of the same"
          + " user at the same machine gets 'busy' when they open the file for writing, truncate,"
          + " replace or remove it. Reading goes on. Taken again, it lasts for the new time from"
          + " then on.",
      "On a mount, a lease is that of the mount, as long as it lives: setfattr -n user.cairn.lease"
          + " -v 60s FILE, or touch .cairn/lease/FILE at the mount's root."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cairn lease /reports/may.csv",
      "  cairn lease /reports/may.csv --for 10m",
      "  cairn lease /db/dump --wait && cairn put dump /db/dump; cairn unlease /db/dump"
    })
final class LeaseCommand extends FileCommand {

  private static final long POLL_MILLIS = 300;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      defaultValue = "60s",
      description = "How long, 1s to 24h (default: ${DEFAULT-VALUE}).")
  private String time;

  @Option(names = "--wait", description = "Wait while somebody else has it.")
  private boolean wait;

  @Parameters(paramLabel = "PATH", description = "The file.")
  private String path;

  private Duration term;

  LeaseCommand(Surroundings around) {
    super(around);
  }

  @Override
  void check() {
    term = LeaseTerm.parse(time);
  }

  @Override
  void run(Tree tree) throws IOException {
    Node file = tree.resolve(path);
    while (!take(tree.vfs(), file)) {
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        throw new InterruptedIOException("the wait for the lease was given up");
      }
    }
    out().line(shown(path) + ": leased to " + ThisProcess.user() + " for " + TimeText.show(term));
  }

  /** Whether it is taken; false: to be tried again. */
  private boolean take(Vfs vfs, Node file) throws CairnException {
    ByteString value = ByteString.copyFromUtf8(TimeText.show(term));
    try {
      Answers.of(vfs.setXattr(file.inode(), Vfs.LEASE, value, false, false));
      return true;
    } catch (CairnException e) {
      boolean taken = e.code() == ErrorCode.BUSY || e.code() == ErrorCode.WRITTEN_ELSEWHERE;
      if (taken && wait) {
        return false;
      }
      throw PathErrors.at(path, e);
    }
  }
}
