package dev.cairn.client.master;

/**
 * In what a file is changed: a session, and a lease of the file in it. When either is over, the
 * master refuses the change.
 *
 * @param lease its number; 0: none
 */
public record Hold(Registration session, long lease) {}
