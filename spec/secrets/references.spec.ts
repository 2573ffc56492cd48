import { describe, expect, it } from '@jest/globals';
import { freezeShared } from '../../src/secrets/freeze-shared.ts';
import type { KnownFile } from '../../src/secrets/referenced-files.ts';
import {
  interpolate,
  strayReference,
  lookUp,
  resolveReferences,
  written,
  type Reference,
} from '../../src/secrets/references.ts';
import { layersOf } from '../../src/secrets/source-layer.ts';

describe('references', () => {
  const part = (secrets: object, trust: 'local' | 'remote' = 'local') => ({
    label: `${trust} source`,
    good: { ...freezeShared(secrets, undefined, 'x'), trust },
  });
  const around = { env: { SET: 'value' }, file: () => undefined };
  const resolve = (parts: ReturnType<typeof part>[], environment?: string) =>
    resolveReferences(layersOf(parts, environment), around);

  describe('resolveReferences', () => {
    it('gives a tree with the values, and nothing else', () => {
      const { tree, problems } = resolve([part({ a: { b: 'x ${env:SET} y', c: 1 }, d: 'plain', e: '$${literal}' })]);
      expect(tree).toEqual({ a: { b: 'x value y' }, e: '${literal}' });
      expect(problems).toEqual([]);
    });

    it('resolves arrays whole, with the tables in them', () => {
      expect(resolve([part({ list: [1, '${env:SET}', [{ x: '${env:SET}' }]] })]).tree).toEqual({
        list: [1, 'value', [{ x: 'value' }]],
      });
    });

    it('does not ask for what is hidden by a later source, or belongs to another environment', () => {
      const parts = [
        part({
          a: '${env:NOT}',
          t: { u: '${env:NOT}' },
          env: { other: { z: '${env:NOT}' }, mine: { a: '${env:SET}' } },
        }),
        part({ t: 1 }),
      ];
      expect(resolve(parts, 'mine')).toEqual({ tree: { a: 'value' }, problems: [], warnings: [] });
    });

    it('names the source, the key and where it stands', () => {
      const { problems } = resolve([part({}), part({ env: { mine: { 'a.b': '${env:NOT}' } } })], 'mine');
      expect(problems).toMatchObject([{ source: 1, harmless: false, error: { code: 'missing_reference' } }]);
      expect(problems[0]!.error!.message).toContain('env.mine."a.b" in local source refers to ${env:NOT}');
    });

    it('says of a file that was not read yet that nothing is known', () => {
      expect(resolve([part({ a: '${file:/x}' })]).problems).toEqual([{ source: 0, error: undefined, harmless: false }]);
    });

    it('follows no reference of a remote source, but unescapes', () => {
      expect(resolve([part({ a: '${env:SET}' }, 'remote')]).problems).toMatchObject([
        { source: 0, error: { code: 'untrusted_reference' } },
      ]);
      expect(resolve([part({ a: '$${env:SET}' }, 'remote')])).toEqual({
        tree: { a: '${env:SET}' },
        problems: [],
        warnings: [],
      });
    });
  });
});

describe('interpolation', () => {
  const shown = (text: string): string => interpolate(text, ({ to, name, fallback }) => `<${to}|${name}|${fallback}>`);

  describe('interpolate', () => {
    it('replaces references, with and without a default', () => {
      expect(shown('a${env:X}b${file:/run/x}')).toBe('a<env|X|undefined>b<file|/run/x|undefined>');
      expect(shown('${env:X:-}${env:Y:-a:b}')).toBe('<env|X|><env|Y|a:b>');
      expect(shown('${file:C:/x:-d}')).toBe('<file|C:/x|d>');
    });

    it('leaves everything else alone', () => {
      for (const text of ['pa$$word', '${HOME}', '${ENV:X}', '${env:X', '$env:X', '{env:X}', ''])
        expect(shown(text)).toBe(text);
    });

    it('writes ${ for $${', () => {
      expect(shown('$${env:X} ${env:X}')).toBe('${env:X} <env|X|undefined>');
    });

    it('takes an ${env:…} inside of a name or a default, which is looked up when it is needed', () => {
      const env: Record<string, string> = { PW_FILE: '/run/pw', SET: 's' };
      const asked: string[] = [];
      const look = (text: string): string =>
        interpolate(text, (reference) => {
          asked.push(reference.name);
          return reference.to === 'file' ? `<${reference.name}>` : (env[reference.name] ?? reference.fallback ?? '?');
        });
      expect(look('a${file:${env:PW_FILE}}b')).toBe('a</run/pw>b');
      expect(look('${file:${env:NO:-/dir}/pw:-x}')).toBe('</dir/pw>');
      expect(look('${env:NO:-${env:SET}}')).toBe('s');
      asked.length = 0;
      expect(look('${env:SET:-${env:NO}}')).toBe('s');
      expect(asked).toEqual(['SET']);
    });

    it('tells what is no reference, and what was meant', () => {
      expect(strayReference('x${PW}')).toContain('${env:NAME}');
      expect(strayReference('${ENV:PW}')).toContain('lower case');
      expect(strayReference('${vault:x}')).toContain('there is ${env:NAME}');
      for (const text of ['$${PW}', '${env:A}', '${file:${env:A}}', 'pa$$word', '${', '$PW'])
        expect(strayReference(text)).toBeUndefined();
    });

    it('does not look into what a reference stood for', () => {
      expect(interpolate('${env:X}', () => '${env:Y} $& $1')).toBe('${env:Y} $& $1');
    });
  });

  describe('written', () => {
    it('shows no default, which may be a secret', () => {
      const reference: Reference = { to: 'env', name: 'X', fallback: 'hunter2' };
      expect(written(reference)).toBe('${env:X}');
    });
  });
});

describe('look up', () => {
  const files: Record<string, KnownFile> = {
    '/here': { text: 'from a file\n' },
    '/lines': { text: 'one\ntwo\n\n' },
    '/gone': { text: 'last', gone: 'missing' },
    '/never': { gone: 'missing' },
    '/shut': { gone: 'failed' },
    '/empty': { text: '' },
  };
  const around = { env: { SET: 'value', EMPTY: '' }, file: (path: string) => files[path] };
  const env = (name: string, fallback?: string) =>
    lookUp({ to: 'env', name, fallback }, 'a.b in x.toml', 'local', around);
  const file = (name: string, fallback?: string) =>
    lookUp({ to: 'file', name, fallback }, 'a.b in x.toml', 'local', around);

  describe('lookUp', () => {
    it('finds variables and files; the last line break of a file does not count', () => {
      expect(env('SET')).toEqual({ text: 'value' });
      expect(env('EMPTY')).toEqual({ text: '' });
      expect(file('/here').text).toBe('from a file');
      expect(file('/lines').text).toBe('one\ntwo\n');
    });

    it('takes the default for what is missing or empty', () => {
      expect(env('UNSET', 'd')).toEqual({ text: 'd' });
      expect(env('EMPTY', 'd')).toEqual({ text: 'd' });
      expect(file('/never', 'd')).toEqual({ text: 'd' });
      expect(file('/empty', 'd')).toEqual({ text: 'd' });
    });

    it('names the key, its source and what to do when there is nothing', () => {
      const { text, error } = env('UNSET');
      expect([text, error?.code]).toEqual([undefined, 'missing_reference']);
      expect(error?.message).toBe(
        'a.b in x.toml refers to ${env:UNSET}, which is not set. To mend it, set UNSET, or write a default: ${env:UNSET:-default}.',
      );
      expect(file('/never').error?.message).toContain('refers to ${file:/never}, which is not there');
      expect(file('/shut').error?.message).toContain(
        'which is not readable. To mend it, make /shut a file that can be read',
      );
    });

    it('keeps the last content of a file that is gone, and says so', () => {
      expect(file('/gone')).toMatchObject({ text: 'last', error: { code: 'missing_reference' } });
    });

    it('says nothing while a file is read for the first time', () => {
      expect(file('/later')).toEqual({});
    });

    it('refuses what is remote', () => {
      const { text, error } = lookUp({ to: 'env', name: 'SET', fallback: 'x' }, 'a.b in vault', 'remote', around);
      expect([text, error?.code]).toEqual([undefined, 'untrusted_reference']);
      expect(error?.message).toContain('a.b in vault refers to ${env:SET}');
    });
  });
});
