/** The clock, as everything else gets it: passed in, so that a test can be its master. */
package dev.cairn.master.time;
