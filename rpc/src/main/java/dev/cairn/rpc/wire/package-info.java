/**
 * The data port: length-prefixed frames over blocking connections.
 *
 * <p>A {@link dev.cairn.rpc.wire.Transport} makes {@link dev.cairn.rpc.wire.Connection}s of bytes
 * (sockets; TLS would be another); a {@link dev.cairn.rpc.wire.FrameChannel} speaks frames on one
 * of them:
 *
 * <pre>
 *   u32 magic 'CRN1' | u32 header length | u32 payload length | header: DataHeader | payload: raw bytes
 * </pre>
 *
 * Numbers are big-endian. A frame with another magic or a length over the bounds is answered with a
 * {@code Failure} and the connection is closed. One thread reads a channel; sending is guarded by a
 * lock, so that acknowledgements may come from another thread. A header costs memory only as its
 * bytes come: short ones stay in the connection's buffer, long ones share a bounded amount. A
 * connection has a deadline that its owner sets before each wait; {@link
 * dev.cairn.rpc.wire.Deadlines} closes what overstays.
 */
package dev.cairn.rpc.wire;
