import { describe, expect, it } from '@jest/globals';
import { scrub } from '../../src/errors/index.ts';
import { scrubList } from '../../src/secrets/scrub-list.ts';

const key = '-----BEGIN KEY-----\nMIIabc"def/123\nZZZyyy999\n-----END KEY-----';
const secrets = scrubList({
  a: [{ deep: 'hunter2-deep' }],
  n: 123456789,
  b: 12345678901234567890n,
  url: 'postgres://jane:p%40ss%2Fword@h/db',
  raw: 'mysql://jane:p@ss/w:ord@h/db',
  key,
  quote: 'a"b\\c"d',
  percent: 'a b/c d',
  half: `lone \ud800 surrogate`,
  short: 'abc',
});

describe('scrubList', () => {
  it('finds a secret in every spelling in which an error may quote it', () => {
    const quotes = [
      'hunter2-deep',
      '123456789',
      '12345678901234567890',
      'postgres://jane:p%40ss%2Fword@h/db',
      'p@ss/word',
      'p%40ss%2Fword',
      'p@ss/w:ord',
      key,
      'MIIabc"def/123',
      'ZZZyyy999',
      JSON.stringify({ key }),
      JSON.stringify('a"b\\c"d'),
      encodeURIComponent('a b/c d'),
    ];
    for (const quote of quotes) {
      const shown = scrub(`>${quote}<`, secrets);
      expect([shown, shown.includes('[redacted]')]).toEqual([shown, true]);
      expect(shown).not.toMatch(/hunter2|MIIabc|ZZZyyy|p@ss|p%40|w:ord|a\\"b|a%20b/);
    }
  });

  it('finds each line of a secret of several lines, however they were put on one', () => {
    const lines = ['MIIabcdef0123', 'ZZZyyy999+/==', 'lastLine'];
    for (const end of ['\n', '\r\n']) {
      const pem = scrubList({ pem: ['-----BEGIN KEY-----', ...lines, '-----END KEY-----'].join(end) });
      const printed = [
        ...['\\n', '\\\\n', '\\r\\n', '', ' ', '\n', '\n    ', ', ', '%0A'].map((joint) => lines.join(joint)),
        ...lines,
        JSON.stringify(JSON.stringify({ pem: lines.join(end) })),
      ];
      for (const text of printed) expect(scrub(`invalid key: ${text}.`, pem)).not.toMatch(/MII|abcdef|ZZZ|yyy|lastL/);
    }
  });

  it('leaves short ones, because they would be found everywhere', () => {
    expect(scrub('abc', secrets)).toBe('abc');
  });
});
