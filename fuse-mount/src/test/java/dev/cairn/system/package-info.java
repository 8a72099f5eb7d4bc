/** Tests of the whole system: real processes, started the way users start them. */
package dev.cairn.system;
