import { createHash } from 'node:crypto';
import { hostname } from 'node:os';

/** Who this process is among those of a fleet, as long as nobody says. */
export function processName(): string {
  return `${hostname()}:${process.pid}`;
}

/** The place of a connection of a process in a window from 0 to 1: always the same, and even over many of them. */
export function placeOf(instance: string, id: string): number {
  return createHash('sha256').update(`${instance.length}:${instance}${id}`, 'utf8').digest().readUInt32BE() / 2 ** 32;
}
