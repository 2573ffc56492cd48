import { describe, expect, it } from '@jest/globals';
import { adopt } from '../../src/secrets/adopt.ts';
import { resolveReferences } from '../../src/secrets/references.ts';
import { strataOf } from '../../src/secrets/stratum.ts';

const part = (secrets: object, trust: 'local' | 'remote' = 'local') => ({
  label: `${trust} source`,
  good: { ...adopt(secrets, undefined, 'x'), trust },
});
const around = { env: { SET: 'value' }, file: () => undefined };
const resolve = (parts: ReturnType<typeof part>[], environment?: string) =>
  resolveReferences(strataOf(parts, environment), around);

describe('resolveReferences', () => {
  it('gives a sheet with the values, and nothing else', () => {
    const { sheet, problems } = resolve([part({ a: { b: 'x ${env:SET} y', c: 1 }, d: 'plain', e: '$${literal}' })]);
    expect(sheet).toEqual({ a: { b: 'x value y' }, e: '${literal}' });
    expect(problems).toEqual([]);
  });

  it('resolves arrays whole, with the tables in them', () => {
    expect(resolve([part({ list: [1, '${env:SET}', [{ x: '${env:SET}' }]] })]).sheet).toEqual({
      list: [1, 'value', [{ x: 'value' }]],
    });
  });

  it('does not ask for what is hidden by a later source, or belongs to another environment', () => {
    const parts = [
      part({ a: '${env:NOT}', t: { u: '${env:NOT}' }, env: { other: { z: '${env:NOT}' }, mine: { a: '${env:SET}' } } }),
      part({ t: 1 }),
    ];
    expect(resolve(parts, 'mine')).toEqual({ sheet: { a: 'value' }, problems: [] });
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
    expect(resolve([part({ a: '$${env:SET}' }, 'remote')])).toEqual({ sheet: { a: '${env:SET}' }, problems: [] });
  });
});
