package dev.cairn.client.command;

import dev.cairn.client.cluster.BackupClient;
import dev.cairn.client.cluster.CheckClient;
import dev.cairn.client.cluster.Leases;
import dev.cairn.client.cluster.MasterGroup;
import dev.cairn.client.cluster.Servers;
import dev.cairn.client.cluster.Trash;
import dev.cairn.client.local.LastCluster;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.GetStatusReply;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;

/**
 * What the commands of one process have around them.
 *
 * @param in the bytes {@code put -} reads
 * @param out what commands answer with
 * @param terminal whether people are at the three streams
 * @param environment the process's environment variables
 * @param clusters how clusters are reached
 * @param lastCluster the cluster {@code up} started last
 */
record Surroundings(
    InputStream in,
    Output out,
    Terminal terminal,
    Map<String, String> environment,
    Clusters clusters,
    LastCluster lastCluster) {

  /** The same with another input and environment. */
  Surroundings with(InputStream otherIn, Map<String, String> otherEnvironment) {
    return new Surroundings(otherIn, out, terminal, otherEnvironment, clusters, lastCluster);
  }

  /**
   * Where a terminal is.
   *
   * @param in standard input is one
   * @param out standard output is one
   * @param err standard error is one
   * @param columns its width
   */
  record Terminal(boolean in, boolean out, boolean err, int columns) {

    static final Terminal NONE = new Terminal(false, false, false, 80);

    /** What the launcher found out and says in system properties. */
    static Terminal ofLauncher() {
      return new Terminal(
          Boolean.getBoolean("cairn.terminal.in"),
          Boolean.getBoolean("cairn.terminal.out"),
          Boolean.getBoolean("cairn.terminal.err"),
          Integer.getInteger("cairn.terminal.columns", 80));
    }
  }

  /** Reaches the cluster of some masters. */
  interface Clusters {
    /** The same with another time that an answer may take, or progress. */
    Clusters within(Duration timeout);

    /** A session with the cluster's files. */
    Vfs files(Masters masters) throws CairnException;

    GetStatusReply status(Masters masters) throws CairnException;

    Servers servers(Masters masters) throws CairnException;

    /** Who has leases of files. */
    Leases leases(Masters masters) throws CairnException;

    /** What was deleted. */
    Trash trash(Masters masters) throws CairnException;

    /** Who the masters are. */
    MasterGroup masters(Masters masters);

    /** Has the master check its metadata. */
    void check(Masters masters, CheckRequest request, CheckClient.Visitor visitor)
        throws IOException;

    /** Has the master make a backup. */
    void backup(Masters masters, BackupClient.Visitor visitor) throws IOException;
  }
}
