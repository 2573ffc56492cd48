/** So many characters of a value that was cut short are enough to know it. */
const recognisable = 8;

/**
 * What a server may have quoted of the values it was sent ("duplicate entry 'x'"): whole, escaped, or cut short as in
 * `said`. All of it is scrubbed like secrets.
 */
export function* boundTexts(values: unknown, said: string): Iterable<string> {
  // Not by recursion: what is bound may be nested deeply, or hold itself.
  const left = [values];
  const seen = new Set<object>();
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') yield* quotations(value, said);
    else if (typeof value === 'number' || typeof value === 'bigint') yield String(value);
    else if (ArrayBuffer.isView(value)) yield* spelledBytes(value, said);
    else if (typeof value === 'object' && value !== null && !seen.has(value)) {
      seen.add(value);
      for (const inner of valuesOf(value)) left.push(inner);
    }
  }
}

/** A proxy may throw at any question, and this is asked while an error is told. */
function valuesOf(value: object): readonly unknown[] {
  try {
    return Object.values(value);
  } catch {
    return [];
  }
}

function* quotations(value: string, said: string): Iterable<string> {
  const backslashed = JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'");
  for (const spelling of new Set([value, value.replaceAll("'", "''"), backslashed])) {
    yield spelling;
    yield* beginnings(spelling, said);
  }
}

/** Where a text begins with what is known of a longer one, as far as the two agree. */
function* beginnings(whole: string, said: string): Iterable<string> {
  if (whole.length <= recognisable) return;
  const start = whole.slice(0, recognisable);
  for (let at = said.indexOf(start); at !== -1;) {
    let length = recognisable;
    while (length < whole.length && whole[length] === said[at + length]) length += 1;
    yield whole.slice(0, length);
    at = said.indexOf(start, at + length);
  }
}

function* spelledBytes({ buffer, byteOffset, byteLength }: ArrayBufferView, said: string): Iterable<string> {
  const bytes = Buffer.from(buffer, byteOffset, Math.min(byteLength, 1_024));
  const hex = bytes.toString('hex');
  for (const spelling of [hex, hex.toUpperCase(), bytes.toString('base64'), bytes.toString('utf8')])
    yield* quotations(spelling, said);
}
