/**
 * Answers to questions that change nothing, on the thread that asks: from the store, on a snapshot
 * where several keys must agree, and from what is known in memory. Knows nothing of gRPC.
 */
package dev.cairn.master.query;
