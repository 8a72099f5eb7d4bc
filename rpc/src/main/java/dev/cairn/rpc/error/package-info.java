/**
 * The one error path: an {@link dev.cairn.rpc.error.ErrorCode} says what went wrong in terms of
 * errno, of gRPC and of whether to try again; a {@link dev.cairn.rpc.error.CairnException} carries
 * it with a sentence for people; {@link dev.cairn.rpc.error.GrpcErrors} takes it over the control
 * plane, {@code Failure} messages over the data port.
 */
package dev.cairn.rpc.error;
