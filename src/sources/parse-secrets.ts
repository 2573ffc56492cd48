import { parse, TomlDate, TomlError } from 'smol-toml';
import { SourceError } from '../errors/index.ts';
import { deepest, secretTree } from './secret-tree.ts';
import { tomlHint } from './toml-hints.ts';
import { mend, type SecretTree, type SecretValue } from './source.ts';

/**
 * The text of a file without its byte order mark.
 *
 * @throws SourceError `source_unreadable` with the line where it is not UTF-8.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const cure = 'Save it as UTF-8; what was loaded before stays in use.';
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.startsWith('\ufeff')) return text;
  } catch {
    throw new SourceError('source_unreadable', `${file} is not UTF-8${encodingOf(bytes)}. ${cure}`);
  }
  throw new SourceError('source_unreadable', `${file}, line 1, has two byte order marks. ${cure}`);
}

/** The place of the first bytes that are not UTF-8, or the encoding that the file says of itself. */
function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return ', line 1: it is UTF-16';
  const text = new TextDecoder('utf-8').decode(bytes);
  const place = text.slice(0, text.indexOf('\ufffd')).split('\n');
  return `, line ${place.length}, column ${place.at(-1)!.length + 1}`;
}

const dialect = { integersAsBigInt: 'asNeeded', unsafeKeyBehaviour: 'throw', maxDepth: deepest } as const;

/**
 * The tables of a TOML text. Integers that a number cannot hold become bigints.
 *
 * @throws SourceError `source_invalid` with the line and column, and nothing of what the file says.
 */
export function parseToml(text: string, file: string): SecretTree {
  const tree = parsedToml(text, file);
  const missing = firstMissingDay(text, tree);
  if (!missing) return tree;
  throw new SourceError('source_invalid', `${file}, line ${missing}: there is no such day. ${mend}`);
}

function parsedToml(text: string, file: string): SecretTree {
  try {
    return parse(text, dialect);
  } catch (error) {
    if (!(error instanceof TomlError)) throw new SourceError('source_invalid', `${file} is not valid TOML. ${mend}`);
    // Its message goes on with an excerpt of the file: the first line is all that may be shown.
    const [reason = ''] = error.message.split('\n');
    const place = `line ${error.line}, column ${error.column}`;
    const what = reason.replace(/^Invalid TOML document: /, '').replace(/\.+$/, '');
    const hint = what.includes('redefine') ? undefined : tomlHint(text, error.line);
    throw new SourceError('source_invalid', `${file}, ${place}: ${ours(what)}${hint ? ` (${hint})` : ''}. ${mend}`);
  }
}

/** A text in quotes, of one line or several, or a comment. */
const quotes = /"{3}(?:\\[^]|[^\\])*?"{3,5}|'{3}[^]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*/g;

/** The line of the first date that does not exist, such as the 30th of February: the parser takes it for a later one. */
function firstMissingDay(text: string, tree: SecretTree): number | undefined {
  if (!/\d{4}-\d\d-(29|30|31)/.test(text)) return undefined;
  const bare = text.replace(quotes, (quoted) => quoted.replace(/[^\n]/g, ' '));
  // What stands before `=`, `.` or the end of a header is a key, which may look like a date.
  for (const { index, 1: year, 2: month, 3: day } of bare.matchAll(
    /(?<![\w.-])(\d{4})-(\d\d)-(\d\d)(?![\w-]*[ \t]*[.=])/g,
  )) {
    const date = new Date(`${year}-${month}-01T00:00:00Z`);
    date.setUTCDate(Number(day));
    if (date.getUTCMonth() + 1 !== Number(month) && holdsDay(tree, date.toISOString().slice(0, 10)))
      return bare.slice(0, index).split('\n').length;
  }
  return undefined;
}

function holdsDay(value: SecretValue, day: string): boolean {
  if (value instanceof TomlDate) return value.toISOString().startsWith(day);
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).some((inner: SecretValue) => holdsDay(inner, day))
  );
}

/** The reason in plain words, where the parser uses words of its own. */
function ours(reason: string): string {
  if (reason.includes('unsafe property')) return 'a key may not be called __proto__ or constructor';
  if (reason.includes('excessively nested')) return `nested more than ${deepest} levels deep`;
  return reason.includes('trying to redefine')
    ? 'this key or table was written before; each may be written once'
    : reason;
}

/**
 * The object in a JSON text.
 *
 * @throws SourceError `source_invalid` with the line and column, and nothing of what the file says.
 */
export function parseJson(text: string, file: string): SecretTree {
  return secretTree(parsed(text, file), file);
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message of the engine quotes the file: the position is all that may be shown.
    const [, position] = /at position (\d+)/.exec((error as Error).message) ?? [];
    throw new SourceError('source_invalid', `${file}${place(text, position)} is not valid JSON. ${mend}`);
  }
}

function place(text: string, position: string | undefined): string {
  if (position === undefined) return '';
  const lines = text.slice(0, Number(position)).split('\n');
  return `, line ${lines.length}, column ${lines.at(-1)!.length + 1},`;
}

/**
 * The tables of a text in TOML, or in JSON where it begins with a brace: for a source of your own. Bytes are UTF-8.
 *
 * @throws SourceError `source_invalid` or `source_unreadable`, with the place and nothing of what the text says.
 * @example
 * parseSecrets('[connections.pets]\nurl = "sqlite://:memory:"', 'vault').connections; // { pets: { url: … } }
 */
export function parseSecrets(text: string | Uint8Array, label: string): SecretTree {
  const decoded = typeof text === 'string' ? text : decodeText(text, label);
  return decoded.trimStart().startsWith('{') ? parseJson(decoded, label) : parseToml(decoded, label);
}
