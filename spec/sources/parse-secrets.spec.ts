import { describe, expect, it } from '@jest/globals';
import { SourceError } from '../../src/errors/index.ts';
import { parseJson, parseSecrets, parseToml } from '../../src/sources/parse-secrets.ts';

describe('TOML that is refused although the parser takes it', () => {
  const why = (text: string | Uint8Array): string => {
    try {
      return JSON.stringify(parseSecrets(text, 'x.toml'));
    } catch (error) {
      return (error as Error).message;
    }
  };

  it.each([
    ['2021-02-30', 'a = 1\nb = 2021-02-30', 2],
    ['2021-02-29, no leap year', 'b = 2021-02-29', 1],
    ['1900-02-29, no leap year either', 'b = 1900-02-29T00:00:00Z', 1],
    ['2021-04-31 with a time and an offset', 'b = 2021-04-31T10:00:00+02:00', 1],
    ['2021-06-31 in an array', "a = '''\n'''\nb = [\n 1, 2021-06-31 ]", 4],
    ['2021-09-31 in an inline table', 'b = { "2021-01-01" = 2021-09-31 }', 1],
  ])('a day that does not exist: %s', (_, text, line) => {
    expect(why(text)).toContain(`x.toml, line ${line}: there is no such day`);
  });

  it.each([
    'b = 2020-02-29',
    'b = 2000-02-29',
    '2021-02-30 = 1',
    '[2021-02-30]',
    'a.2021-02-30 = 1',
    'b = "2021-02-30" # 2021-02-30',
  ])('but not %s', (text) => expect(why(text)).not.toContain('no such day'));

  it('two byte order marks, and bytes that are not UTF-8, with their line', () => {
    const bytes = (text: string, ...more: number[]): Uint8Array =>
      Buffer.concat([Buffer.from(text), Uint8Array.from(more)]);
    expect(why(bytes('\ufeffa = 1'))).toBe('{"a":1}');
    expect(why(bytes('\ufeff\ufeffa = 1'))).toContain('x.toml, line 1, has two byte order marks');
    expect(why(bytes('a = 1\nb = "é', 0xe9, 0x22))).toContain('x.toml is not UTF-8, line 2, column 7');
    expect(why(Buffer.from('\ufeffa = 1', 'utf16le'))).toContain('x.toml is not UTF-8, line 1: it is UTF-16');
  });
});

describe('what TOML may have meant', () => {
  it.each([
    ['a = hunter2', 'text stands in quotes'],
    ['a = ${hunter2}', 'text stands in quotes'],
    ['a = 127.0.0.1', 'text stands in quotes'],
    ['a = [hunter2, "b"]', 'text in a list stands in quotes, too'],
    ['a = "C:\\Users\\hunter2"', 'a text with backslashes stands in single quotes'],
    ['a = "hunter2\nmore"', 'a text of several lines stands between three quotes'],
    ["a = 'hunter2\nmore'", 'a text of several lines stands between three quotes'],
    ['a = "say "hunter2""', 'a text with quotes in it stands between three quotes'],
    ['a = “hunter2”', 'quotes are the straight " or \''],
    ['a = "hunter2";', 'a line ends without a comma or semicolon'],
    ['a = "hunter2",', 'a line ends without a comma or semicolon'],
    ['a = True', 'true or false, in small letters'],
    ['a = null', 'TOML has no null: leave the line out'],
    ['a =', 'a value is missing behind the ='],
    ['a = 05432', 'a number may not begin with 0'],
    ['b = 1\na: "hunter2"', 'between key and value stands =, not :'],
    ['my key = "hunter2"', 'a key with blanks stands in quotes'],
    ['[my hunter2]', 'a name with blanks stands in quotes'],
    ['[hunter2', 'the name of a table ends with ]'],
    ['; hunter2', 'a comment begins with #'],
    ['// hunter2', 'a comment begins with #'],
    ['hunter2', 'each line is `key = value`, a [table] or a # comment'],
    ['b = 1\n<<<<<<< hunter2\na = 1', 'this looks like a conflict that git left: take one side'],
    ['[{"a": "hunter2"}]', 'this looks like JSON'],
    ['"a": "hunter2"', 'this looks like JSON'],
    ['# ours\na:\n  b: hunter2', 'this looks like YAML'],
    ['---\na: hunter2', 'this looks like YAML'],
    ['HUNTER=hunter2', 'this looks like a .env file'],
    ['export HUNTER=hunter2', 'this looks like a .env file'],
    ['-----BEGIN HUNTER2 KEY-----\nhunter2', 'this looks like a key or certificate'],
    ['<!doctype html><p>hunter2', 'this looks like HTML or XML'],
  ])('%j', (text, hint) => {
    expect(() => parseToml(text, 'x.toml')).toThrow(hint);
    expect(() => parseToml(text, 'x.toml')).not.toThrow(/hunter2/i);
  });

  it('nothing where the form says nothing, nor of a very long line', () => {
    expect(() => parseToml('a = 1\na = 2', 'x.toml')).toThrow('each may be written once. Mend it');
    expect(() => parseToml(`a = "${'\\'.repeat(99_999)}\n"`, 'x.toml')).not.toThrow('(');
  });
});

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

describe('parseJson', () => {
  it('reads an object', () => {
    expect(structuredClone(parseJson('{"a":{"b":[1,null,true]}}', 'x.json'))).toEqual({ a: { b: [1, null, true] } });
  });

  it('says where it is broken, and nothing of what it says', () => {
    const broken = '{\n  "password": "hunter2-secret"\n  "user": 1}';
    expect(() => parseJson(broken, 'x.json')).toThrow('x.json, line 3, column 3, is not valid JSON');
    expect(() => parseJson('hunter2-secret', 'x.json')).toThrow(
      /^(?!.*hunter2)x\.json.* is not valid JSON\. Mend it; what was loaded before stays in use\.$/,
    );
    expect(() => parseJson('', 'x.json')).toThrow('is not valid JSON');
  });

  it('refuses what is no object, unsafe keys, and a hundred thousand levels', () => {
    expect(() => parseJson('[1]', 'x.json')).toThrow('x.json: it is an array');
    expect(() => parseJson('{"a":{"__proto__":{"x":1}}}', 'x.json')).toThrow('a.__proto__');
    const deep = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    expect(() => parseJson(deep, 'x.json')).toThrow(/x\.json/);
  });
});

describe('toml', () => {
  const plain = (text: string): unknown => structuredClone(parseToml(text, 'x.toml'));

  function thrown(text: string): SourceError {
    try {
      parseToml(text, 'x.toml');
    } catch (error) {
      if (error instanceof SourceError) return error;
      throw error;
    }
    throw new Error('nothing was thrown');
  }

  describe('parseToml', () => {
    it('2.A 18 dotted keys nest, quoted ones do not', () => {
      expect(plain('a.b.c = 1\n"x.y" = 2')).toEqual({ a: { b: { c: 1 } }, 'x.y': 2 });
    });

    it('keeps integers that a number cannot hold, and dates as they were written', () => {
      const tree = parseToml('big = 9223372036854775807\nsmall = 1\nat = 1979-05-27T07:32:00Z\nday = 1979-05-27', 'x');
      expect([tree['big'], tree['small']]).toEqual([9223372036854775807n, 1]);
      expect(tree['at']).toBeInstanceOf(Date);
      expect(JSON.stringify([tree['at'], tree['day']])).toBe('["1979-05-27T07:32:00.000Z","1979-05-27"]');
    });

    it.each([
      ['a duplicate key', 'a = 1\na = "hunter2-secret"', 'line 2, column 1: this key or table was written before'],
      [
        'a duplicate table',
        '[a]\nb = 1\n[a]\nb = "hunter2-secret"',
        'line 3, column 2: this key or table was written before',
      ],
      ['an unfinished string', 'password = "hunter2-secret', 'line 1, column 12: '],
      ['a value without quotes', 'password = hunter2-secret', 'line 1, column 12: invalid value'],
      ['a lonely key', 'a = 1\nhunter2-secret', 'line 2, column 1: '],
      [
        '__proto__',
        'a = 1\n[b.__proto__]\nc = 1',
        'line 2, column 2: a key may not be called __proto__ or constructor',
      ],
      [
        '__proto__ inline',
        'a = { __proto__ = { x = 1 } }',
        'line 1, column 7: a key may not be called __proto__ or constructor',
      ],
      [
        'constructor',
        'constructor.prototype.x = 1',
        'line 1, column 1: a key may not be called __proto__ or constructor',
      ],
      ['a thousand arrays', `a = ${'['.repeat(1000)}${']'.repeat(1000)}`, 'nested'],
    ])('refuses %s in one line that shows no value', (_, text, message) => {
      const { code, message: said, cause, stack } = thrown(text);
      expect(said).toContain(message);
      expect({ code, cause }).toEqual({ code: 'source_invalid', cause: undefined });
      expect(`${said} ${stack}`).not.toContain('hunter2');
      expect(said.split('\n')).toHaveLength(1);
      expect(({} as { x?: unknown }).x).toBeUndefined();
    });

    it('reads ten thousand sections, and ten megabytes', () => {
      const sections = Array.from({ length: 10_000 }, (_, i) => `[connections.c${i}]\nurl = "u${i}"`).join('\n');
      expect(Object.keys(parseToml(sections, 'x')['connections'] as object)).toHaveLength(10_000);
      const long = parseToml(`a = "${'x'.repeat(10_000_000)}"`, 'x')['a'];
      expect((long as string).length).toBe(10_000_000);
    });
  });
});
