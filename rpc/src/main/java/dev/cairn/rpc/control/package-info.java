/**
 * gRPC as this project uses it: how a channel to the master and a server are made (message bounds,
 * keep-alive, whose threads run callbacks). The only place besides the adapters that knows gRPC's
 * builders.
 */
package dev.cairn.rpc.control;
