/**
 * A complete filesystem in memory, {@link dev.cairn.client.vfs.MemoryVfs}, for the tests of
 * whatever stands on a {@link dev.cairn.client.vfs.Vfs}. Exported to other modules as this module's
 * test-jar.
 */
package dev.cairn.client.vfs;
