/**
 * What both ends of a wire must agree on: typed quantities and addresses here, the generated
 * messages and services in {@code proto}, errors in {@code error}, block checksums in {@code
 * checksum}, the data port's frames in {@code wire}, gRPC channels in {@code control}. Knows
 * nothing of what a master, a chunk server or a client does with them.
 */
package dev.cairn.rpc;
