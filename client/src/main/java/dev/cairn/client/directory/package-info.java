/**
 * Listings of directories. The master lists names in the order of their bytes, in pages that begin
 * behind a name; a kernel goes on by number. A {@link dev.cairn.client.directory.DirectoryStream}
 * keeps which name every page began behind, so that a listing goes on at the right place whatever
 * was made or removed meanwhile.
 */
package dev.cairn.client.directory;
