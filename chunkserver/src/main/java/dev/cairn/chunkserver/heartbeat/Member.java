package dev.cairn.chunkserver.heartbeat;

import dev.cairn.rpc.HostPort;

/**
 * What the server tells of itself.
 *
 * @param address where clients and other servers reach its data port
 * @param zone empty when there are none
 */
public record Member(HostPort address, String zone, String version) {}
