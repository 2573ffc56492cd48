// A result through streams of Node, to a file: every part waits for the next one, and an error or a signal ends them all.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Writes the rows of a statement as compressed NDJSON. Leave `objectMode` on: a row is a value, not bytes. */
export async function dump(db, sql, file, { signal } = {}) {
  const lines = async function* (rows) {
    for await (const row of rows) yield `${JSON.stringify(row)}\n`;
  };
  await pipeline(Readable.from(db.stream(sql)), lines, createGzip(), createWriteStream(file), { signal });
}
