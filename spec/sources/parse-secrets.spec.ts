import { describe, expect, it } from '@jest/globals';
import { parseSecrets } from '../../src/sources/parse-secrets.ts';

describe('parseSecrets', () => {
  it('reads TOML, and JSON where the text begins with a brace', () => {
    expect({ ...parseSecrets('a = 1', 'it') }).toEqual({ a: 1 });
    expect({ ...parseSecrets(' \n{ "a": 1 }', 'it') }).toEqual({ a: 1 });
    expect({ ...parseSecrets(Buffer.from('a = "ä"'), 'it') }).toEqual({ a: 'ä' });
  });

  it.each(['password = "hunter2', '{ "password": "hunter2" ', '["hunter2"', '"hunter2"'])(
    'refuses %s without a word of it',
    (text) => {
      const refused = () => parseSecrets(text, 'vault');
      expect(refused).toThrow(expect.objectContaining({ code: 'source_invalid' }));
      expect(refused).toThrow(/^vault/);
      expect(refused).not.toThrow(/hunter2/);
    },
  );

  it('refuses bytes that are no UTF-8', () => {
    expect(() => parseSecrets(Buffer.from([0xff]), 'it')).toThrow(
      expect.objectContaining({ code: 'source_unreadable' }),
    );
  });
});
