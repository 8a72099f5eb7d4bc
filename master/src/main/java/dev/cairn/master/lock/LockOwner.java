package dev.cairn.master.lock;

import dev.cairn.rpc.proto.LockKind;

/**
 * Who has a lock: a process or an open file description, told apart by a number of its client's
 * kernel.
 */
public record LockOwner(long session, LockKind kind, long number) {}
