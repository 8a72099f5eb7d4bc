/**
 * Leases as files, for tools that know nothing of them: {@link
 * dev.cairn.client.leasefile.LeaseFiles} is a filesystem over another one that has, under {@code
 * .cairn/lease/} in its root, a file for every lease in force.
 *
 * <p>The directories there are those of the filesystem, with their owners and permissions, and
 * resolve as they do; listed are only those that lead to leases. {@code .cairn} itself is found by
 * its name and listed nowhere. Making a file takes the lease of the file with the same path,
 * opening it for writing and closing it without a word renews it, writing a time like {@code 10m}
 * sets its term, reading tells who has it, and removing it gives it back.
 *
 * <p>Inodes and handles are the other filesystem's with bit 62 set, which it never gives out.
 */
package dev.cairn.client.leasefile;
