/**
 * Lends the direct memory that waits for the network: bounded, reused, asked for without blocking.
 */
package dev.cairn.client.buffer;
