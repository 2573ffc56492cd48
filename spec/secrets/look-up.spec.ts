import { describe, expect, it } from '@jest/globals';
import { lookUp } from '../../src/secrets/look-up.ts';
import type { KnownFile } from '../../src/secrets/referenced-files.ts';

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
