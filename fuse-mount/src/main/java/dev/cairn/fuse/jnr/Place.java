package dev.cairn.fuse.jnr;

import com.google.protobuf.ByteString;

/** A name in a directory, whether or not there is something of that name. */
record Place(long parent, ByteString name) {}
