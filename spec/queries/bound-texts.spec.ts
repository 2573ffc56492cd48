import { describe, expect, it } from '@jest/globals';
import { scrub } from '../../src/errors/index.ts';
import { boundTexts } from '../../src/queries/bound-texts.ts';

const shown = (said: string, params: unknown): string => scrub(said, boundTexts(params, said));

describe('what a server quotes of the values it was sent', () => {
  it.each([
    ['whole', "duplicate entry 'rosebud'", ['rosebud'], "duplicate entry '[redacted]'"],
    ['by name, at any depth', "bad 'rosebud'", { a: { b: ['rosebud'] } }, "bad '[redacted]'"],
    ['cut short', "near 'a long va'", ['a long value'], "near '[redacted]'"],
    ['cut short twice', "'a long va' or 'a long valu'", ['a long value'], "'[redacted]' or '[redacted]'"],
    ['quoted as SQL does', "near 'O''Hara's'", ["O'Hara's"], "near '[redacted]"],
    ['quoted as MySQL does', "near 'O\\'Hara\\n!", ["O'Hara\n!"], "near '[redacted]"],
    ['bytes', "bad x'726f7365627564'", [Buffer.from('rosebud')], "bad x'[redacted]'"],
    ['a number', 'bad 123456', [123456], 'bad [redacted]'],
  ])('%s', (_, said, params, left) => {
    expect(shown(said, params)).toContain(left);
  });

  it('leaves alone what is none of it', () => {
    expect(shown("column 'rose' does not exist", ['rosebuds are red'])).toBe("column 'rose' does not exist");
  });
});
