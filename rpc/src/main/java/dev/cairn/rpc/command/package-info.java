/**
 * How every command behaves, servers and tools alike: exit codes 0, 1 (failed) and 2 (usage),
 * errors in one line on standard error with the stack trace in the log only, and the options all
 * daemons share.
 */
package dev.cairn.rpc.command;
