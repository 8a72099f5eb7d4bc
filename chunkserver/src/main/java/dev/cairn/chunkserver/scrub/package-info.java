/**
 * Reads and checks every chunk of this server in a stated period, one after the other in the order
 * of their ids, on one thread, with a bounded bandwidth. What it finds damaged is the store's to
 * remember and the heartbeat's to tell, as if a reader had found it. Where it is is kept in every
 * data directory, so that a restart does not begin again.
 */
package dev.cairn.chunkserver.scrub;
