/**
 * What happens by the clock: sessions and chunk servers that have fallen silent are given up, and
 * what nothing needs any longer is taken apart step by step, each step a command of its own so that
 * requests come in between. What may take long (surveys of all chunks, compaction) has threads of
 * its own: nobody is given up while the one that would do it is late.
 */
package dev.cairn.master.upkeep;
