/**
 * A chunk server: keeps replicas of chunks on its disks ({@code store}), takes and gives their
 * bytes ({@code data}), and is a member of a cluster ({@code heartbeat}). Here the three are put
 * together and made a command.
 */
package dev.cairn.chunkserver;
