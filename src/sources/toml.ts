import { parse, TomlError } from 'smol-toml';
import { SourceError } from '../errors/index.ts';
import { mend } from './failed-state.ts';
import { deepest } from './secret-tree.ts';
import type { SecretTree } from './source.ts';

const dialect = { integersAsBigInt: 'asNeeded', unsafeKeyBehaviour: 'throw', maxDepth: deepest } as const;

/**
 * The tables of a TOML text. Integers that a number cannot hold become bigints.
 *
 * @throws SourceError `source_invalid` with the line and column, and nothing of what the file says.
 */
export function parseToml(text: string, file: string): SecretTree {
  try {
    return parse(text, dialect);
  } catch (error) {
    if (!(error instanceof TomlError)) throw new SourceError('source_invalid', `${file} is not valid TOML. ${mend}`);
    // Its message goes on with an excerpt of the file: the first line is all that may be shown.
    const [reason = ''] = error.message.split('\n');
    const place = `line ${error.line}, column ${error.column}`;
    const what = reason.replace(/^Invalid TOML document: /, '').replace(/\.+$/, '');
    throw new SourceError('source_invalid', `${file}, ${place}: ${ours(what)}. ${mend}`);
  }
}

/** Where the parser says it in words of its own, what is meant. */
function ours(reason: string): string {
  if (reason.includes('unsafe property')) return 'a key may not be called __proto__ or constructor';
  if (reason.includes('excessively nested')) return `nested more than ${deepest} levels deep`;
  return reason.includes('trying to redefine')
    ? 'this key or table was written before; each may be written once'
    : reason;
}
