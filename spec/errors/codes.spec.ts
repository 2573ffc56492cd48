import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codes } from '../../src/errors/index.ts';
import { causes } from '../support/error-causes.ts';
import { errorsPage } from '../support/errors-page.ts';
import { warnings } from '../support/warning-codes.ts';

/** All but the command line, whose findings have codes of their own. */
const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('codes.ts') && !file.startsWith('cli'))
  .map((file) => readFileSync(join('src', file), 'utf8'))
  .join('\n');

describe('the error catalogue', () => {
  it.each(Object.entries(codes))(
    '%s says in a sentence each what it means, why it comes and what to do',
    (code, entry) => {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(entry.meaning).toMatch(/^[A-Z`].*\.$/);
      expect(causes[code as keyof typeof causes]).toMatch(/^.+\.$/);
      expect(entry.cure).toMatch(/^[A-Z].*\.$/);
    },
  );

  it('is what docs/errors.md says: else run `npm run docs:errors`', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorsPage());
  });

  // That nothing is thrown that is not in it, the compiler sees.
  it.each(Object.keys(codes))('%s is raised somewhere', (code) => {
    expect(source).toContain(`'${code}'`);
  });

  it('lists the codes of all warnings', () => {
    const warned = [...source.matchAll(/(?:#warn\(|\.?[wW]arn(?:\?\.)?\(\s*|code: )'([a-z]+(?:_[a-z]+)*)'/g)].map(
      ([, code]) => code!,
    );
    const union = /SourceWarning \{[^}]*code: ((?:'[a-z_]+'[ |]*)+);/.exec(source)?.[1]?.match(/[a-z_]+/g) ?? [];
    const ours = [...warned, ...union].filter((code) => !(code in codes) && code !== 'unexpected');
    expect(new Set(ours)).toEqual(new Set(Object.keys(warnings)));
  });
});
