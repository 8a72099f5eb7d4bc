/**
 * gRPC in front of the master, one class per service: takes a request apart, asks a query or
 * submits a command, and hands over the answer.
 *
 * <p>Handlers run on the connections' event loops and do not block: quick reads are answered there,
 * which spares two wake-ups per call; a change is answered from the writer's thread; what may take
 * long (listings, extent maps) goes to a small pool, and operators' questions to a thread of their
 * own. Reports of chunks are worked off by the writer, a bounded part with each command.
 */
package dev.cairn.master.service;
