/**
 * Listings of directories. A cookie is the place of an entry, which follows from its name ({@link
 * dev.cairn.rpc.NamePlace}), and the master lists in the order of places, in pages that begin
 * behind one. So a listing goes on at the right entry whatever was made or removed meanwhile, in
 * another open of the directory, and after a restart of the mount or the master: file servers that
 * hand cookies to their clients depend on it.
 */
package dev.cairn.client.directory;
