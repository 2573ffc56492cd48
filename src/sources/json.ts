import { SourceError } from '../errors/index.ts';
import { mend } from './failed-state.ts';
import { secretTree } from './secret-tree.ts';
import type { SecretTree } from './source.ts';

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
