import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Block } from './blocks.ts';

/** The examples in the doc comments of `src`. */
export function examplesInSource(): readonly Block[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((file) => join('src', file).replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'));
  return files.flatMap((page) => {
    const source = readFileSync(page, 'utf8');
    return [...source.matchAll(/^ *\* @example ?([^]*?)(?=\n *\* @|\n? *\*\/)/gm)].map(({ index, 1: text }) => ({
      page,
      line: source.slice(0, index).split('\n').length,
      language: 'ts',
      code: text!.replaceAll(/^ *\* ?/gm, '').trimStart() + '\n',
      output: undefined,
    }));
  });
}
