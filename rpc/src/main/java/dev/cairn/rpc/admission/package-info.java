/**
 * What a server takes on, so that no client can keep it from serving others: how many connections
 * ({@link dev.cairn.rpc.admission.ServedPeers}), how long a request of each method may be ({@link
 * dev.cairn.rpc.admission.MethodBounds}), how many bytes requests may hold before they are whole
 * ({@link dev.cairn.rpc.admission.UnfinishedRequests}) and until they are answered ({@link
 * dev.cairn.rpc.admission.ByteBudget}). It knows no transport: both gRPC and the frames of unary
 * calls ask here.
 */
package dev.cairn.rpc.admission;
