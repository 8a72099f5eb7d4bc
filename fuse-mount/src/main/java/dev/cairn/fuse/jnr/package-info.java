/** The portable binding: libfuse 2, through jnr-fuse. */
package dev.cairn.fuse.jnr;
