import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TomlDate } from 'smol-toml';
import { parseSecrets } from 'hotline';

// Runs the suite of toml-lang/toml-test: `npm run check:toml -- FOLDER`, where FOLDER has `valid`, `invalid` and `files-toml-1.1.0`.
const folder = process.argv[2];
const listed = readFileSync(join(folder, 'files-toml-1.1.0'), 'utf8')
  .split('\n')
  .filter((name) => name.endsWith('.toml'));

/** A value as the suite tags it. */
function tagged(value) {
  if (value instanceof Date) return { type: 'date', value: value.toISOString() };
  if (Array.isArray(value)) return value.map(tagged);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, tagged(inner)]));
  return typeof value === 'number' || typeof value === 'bigint' ? { type: 'number', value: String(value) } : value;
}

/** What the suite expects, in the same form. */
function expected(value) {
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value.type !== 'string' || typeof value.value !== 'string')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expected(inner)]));
  const { type, value: text } = value;
  if (type === 'string') return text;
  if (type === 'bool') return text === 'true';
  if (type === 'float')
    return {
      type: 'number',
      value: String(/inf/.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text)),
    };
  if (type === 'integer') return { type: 'number', value: text };
  return { type: 'date', value: new TomlDate(text).toISOString() };
}

const sorted = (value) =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort())
      : inner,
  );

let right = 0;
const wrong = [];
for (const name of listed) {
  const bytes = readFileSync(join(folder, name));
  let result;
  try {
    result = sorted(tagged(parseSecrets(bytes, name)));
  } catch (error) {
    result = error;
  }
  const refused = result instanceof Error;
  const fits = name.startsWith('invalid/')
    ? refused && /line \d+/.test(result.message)
    : !refused &&
      result === sorted(expected(JSON.parse(readFileSync(join(folder, name.replace('.toml', '.json')), 'utf8'))));
  if (fits) right++;
  else wrong.push(`${name}: ${refused ? result.message : 'accepted, or read as something else'}`);
}
console.log([...wrong, `${right} of ${listed.length}`].join('\n'));
process.exitCode = wrong.length > 0 ? 1 : 0;
