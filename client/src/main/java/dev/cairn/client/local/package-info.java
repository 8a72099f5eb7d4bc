/**
 * A cluster on this machine, for {@code up}, {@code down} and {@code status}: a master, chunk
 * servers and a mount, each a process of its own in the background.
 *
 * <p>Everything of a cluster is under one directory:
 *
 * <pre>
 *   cluster.conf        ports, mount point, settings: what the next start needs to be the same
 *   master/             the master's data
 *   chunkserver-N/      a chunk server's data
 *   mnt/                the mount point, unless another was chosen
 *   run/NAME.pid        who runs; run/NAME.ready appears when it works
 *   run/lock            held while the cluster is started or stopped
 *   log/NAME.log        what it says, appended to at every start
 * </pre>
 *
 * <p>A pid file is believed only when the process with that number was started with this very file
 * as an argument, so a number that the system has given to somebody else is never signalled.
 */
package dev.cairn.client.local;
