import { describe, expect, it } from '@jest/globals';
import { declaration, type Kind } from '../../../src/cli/names/declaration.ts';

const lineOf = (name: string, kind: Kind | undefined, folder = '/app/src'): string =>
  declaration([{ name, kind }], { root: '/app', folder }).split('\n')[5]!.trim();
const module = (path: string): Kind => ({ module: path, export: 'Clock' });

describe('declaration', () => {
  it.each([
    ['./src/clock.ts', "import('./clock.js').Clock"],
    ['./clock.mts', "import('../clock.mjs').Clock"],
    ['./src/clock.d.ts', "import('./clock.d.ts').Clock"],
    ['./src/clock.js', "import('./clock.js').Clock"],
    ['@acme/clocks/wall', "import('@acme/clocks/wall').Clock"],
  ])('%s', (path, type) => {
    expect(lineOf('a', module(path))).toBe(`a: ${type};`);
  });

  it('quotes names that need it; none can end its quotes', () => {
    expect(lineOf('$größe', undefined)).toBe('$größe: BaseConnection<unknown>;');
    expect(lineOf('a-b', undefined)).toBe("'a-b': BaseConnection<unknown>;");
    expect(lineOf(`'; evil "\\\n\u2028`, undefined)).toBe(`'\\'; evil "\\\\\\n\\u2028': BaseConnection<unknown>;`);
  });

  it('imports each class of hotline once', () => {
    const sql = { module: 'hotline', export: 'SqlConnection' };
    const text = declaration(
      ['a', 'b'].map((name) => ({ name, kind: sql })),
      { root: '/', folder: '/' },
    );
    expect(text).toContain("import type { SqlConnection } from 'hotline';");
  });
});
