import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readDirectory } from '../../src/sources/directory-tree.ts';
import { secretsOf } from './support/states.ts';

function read(files: Record<string, string | Uint8Array>) {
  return readDirectory(
    '/run/secrets',
    new Map(
      Object.entries(files).map(([name, text]) => [name, { path: `/real/${name}`, bytes: Buffer.from(text), mode: 0 }]),
    ),
  );
}

describe('readDirectory', () => {
  it('2.C 36 a folder is a table, a file a string, and a folder with one file stays a table', () => {
    const files = { 'login/username': 'u', 'login/password': 'p', 'token/token': 't', flat: 'f' };
    expect(secretsOf(read(files))).toEqual({
      login: { username: 'u', password: 'p' },
      token: { token: 't' },
      flat: 'f',
    });
  });

  it('takes the white space off both ends of a string, and nothing in the middle', () => {
    expect(secretsOf(read({ key: '\n  -----BEGIN-----\nabc\n-----END-----\n \n' }))).toEqual({
      key: '-----BEGIN-----\nabc\n-----END-----',
    });
  });

  it('2.C 48 a leaf of TOML or JSON is a table, so that connections can be mounted', () => {
    const files = {
      'connections/pets.toml': 'url = "x"\nport = 1',
      'connections/wh.JSON': '{"account":"a"}',
      'a/b/c/d': 'deep',
    };
    expect(secretsOf(read(files))).toEqual({
      connections: { pets: { url: 'x', port: 1 }, wh: { account: 'a' } },
      a: { b: { c: { d: 'deep' } } },
    });
  });

  it('knows the file of each value', () => {
    const state = read({ 'connections/pets.toml': 'url = "x"', token: 't' });
    const originOf = state.state === 'loaded' ? state.originOf! : () => undefined;
    expect(originOf(['connections', 'pets', 'url'])).toBe(join('/run/secrets', 'connections/pets.toml'));
    expect(originOf(['token'])).toBe(join('/run/secrets', 'token'));
  });

  it.each<[string, Record<string, string | Uint8Array>, string]>([
    [
      'two files of one name',
      { 'pets.toml': 'a = 1', 'pets.json': '{}' },
      'pets.toml and /run/secrets/pets.json are at the same path',
    ],
    [
      'a file and a folder of one name',
      { 'pets.toml': 'a = 1', 'pets/url': 'x' },
      'is inside of /run/secrets/pets.toml',
    ],
    ['broken TOML', { 'a/pets.toml': 'password = hunter2-secret' }, '/run/secrets/a/pets.toml, line 1, column 12'],
    ['broken JSON', { 'pets.json': '{"a" hunter2-secret' }, '/run/secrets/pets.json, line 1'],
    ['what is not UTF-8', { 'login/key': Uint8Array.of(0xff, 0xfe) }, '/run/secrets/login/key is not UTF-8'],
    ['an unsafe name', { '__proto__/x': '1' }, '__proto__'],
  ])('refuses %s, and names the file', (_, files, message) => {
    expect(() => read(files)).toThrow(message);
    expect(() => read(files)).not.toThrow('hunter2');
  });
});
