/**
 * Asks a master about the state of its cluster. The adapter to gRPC for that: what comes out are
 * the messages of {@code cluster.proto}.
 */
package dev.cairn.client.cluster;
