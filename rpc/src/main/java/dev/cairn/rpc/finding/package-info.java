/**
 * What the state of a cluster comes to: findings, each with a code, a sentence and what to do. The
 * checks are pure functions of the master's answer to {@code GetStatus}. The command shows what
 * they find, and the master counts the same in its metrics.
 */
package dev.cairn.rpc.finding;
