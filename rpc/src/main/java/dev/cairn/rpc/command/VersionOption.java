package dev.cairn.rpc.command;

import dev.cairn.rpc.Version;
import picocli.CommandLine.IVersionProvider;

/** The answer to {@code --version}, the same for every command. */
public final class VersionOption implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"cairn " + Version.number()};
  }
}
