/**
 * Unary gRPC calls without HTTP/2: the same services, methods, messages and errors, in frames of a
 * few bytes on a connection to the same port. What a mount asks of its master is many small
 * questions, one after the other, of which HTTP/2 costs more than half: measured on loopback, from
 * one caller, a unary call takes 130 us (135 us of processor at both ends together), a message on
 * an open gRPC stream 87 us (86 us), and a frame 57 us (52 us). Streams, and whoever asks seldom,
 * use gRPC itself.
 *
 * <p>A connection begins with four bytes that are no HTTP/2, by which {@link
 * dev.cairn.rpc.unary.UnaryPort} tells it from the others at the port. Then frames follow one
 * another in both directions ({@link dev.cairn.rpc.unary.UnaryFrames}); answers come in any order.
 * A deadline is the caller's: who cancels a call forgets it, and what no longer has a caller is
 * answered into the void.
 */
package dev.cairn.rpc.unary;
