import { describe, expect, it } from '@jest/globals';
import { freezeShared } from '../../src/secrets/freeze-shared.ts';
import { assemble, type Assembly, type Part } from '../../src/secrets/assembly.ts';

const part = (label: string, secrets: object): Part => ({
  label,
  good: { ...freezeShared(secrets, undefined, label), trust: 'local' },
});
const around = (env: Record<string, string> = {}, file: (path: string) => object | undefined = () => undefined) => ({
  env,
  file,
});
const codes = (problems: readonly { error?: { code: string } | undefined }[]) =>
  problems.map(({ error }) => error?.code);

describe('assemble', () => {
  it('lays the environment over everything, and hides the overlays', () => {
    const parts = [
      part('a', { url: 'a', env: { prod: { url: 'prod' }, dev: { url: 'dev' } } }),
      part('b', { url: 'b', more: 1 }),
    ];
    expect(assemble(parts, 'prod', around(), undefined).assembly?.tree).toEqual({ url: 'prod', more: 1 });
    expect(assemble(parts, undefined, around(), undefined).assembly?.tree).toEqual({ url: 'b', more: 1 });
  });

  it('says which environments there are when the one that was asked for is none of them', () => {
    const parts = [part('a.toml', { env: { production: {}, dev: {} } })];
    const { assembly, problems } = assemble(parts, 'prodution', around(), undefined);
    expect(assembly).toBeUndefined();
    expect(codes(problems)).toEqual(['unknown_environment']);
    expect(problems[0]!.error!.message).toBe(
      'No source has [env.prodution]. There is [env.production], [env.dev]. Did you mean production? Looked in: a.toml.',
    );
    for (const name of ['toString', 'constructor', '__proto__'])
      expect(codes(assemble(parts, name, around(), undefined).problems)).toEqual(['unknown_environment']);
    expect(codes(assemble([], 'x', around(), undefined).problems)).toEqual(['unknown_environment']);
  });

  it('takes the word before of a source whose new one refers to nothing, and the new one of the others', () => {
    const before = assemble([part('a', { x: 1 }), part('b', { y: 1 })], undefined, around(), undefined).assembly!;
    const { assembly, problems } = assemble(
      [part('a', { x: '${env:NOT}' }), part('b', { y: 2 })],
      undefined,
      around(),
      before,
    );
    expect(assembly?.tree).toEqual({ x: 1, y: 2 });
    expect(problems).toMatchObject([{ source: 0, error: { code: 'missing_reference' } }]);
  });

  it('changes nothing when even that cannot be used any more', () => {
    const a = part('a', { x: '${env:NOT}' });
    const before = assemble([a, part('b', { x: 1 })], undefined, around(), undefined).assembly!;
    const { assembly, problems } = assemble([a, part('b', {})], undefined, around(), before);
    expect(assembly).toBe(before);
    expect(codes(problems)).toEqual(['missing_reference']);
  });

  it('keeps an environment whose overlay disappeared', () => {
    const before = assemble(
      [part('a', { env: { prod: { x: 1 } } }), part('b', {})],
      'prod',
      around(),
      undefined,
    ).assembly!;
    const { assembly, problems } = assemble([part('a', { x: 0 }), part('b', { y: 1 })], 'prod', around(), before);
    expect(assembly?.tree).toEqual({ x: 1, y: 1 });
    expect(problems).toMatchObject([{ source: 0, error: { code: 'unknown_environment' } }]);
  });

  it('goes on with the last content of a file that is gone, and says so', () => {
    const gone = around({}, () => ({ text: 'last', gone: 'missing' }));
    const { assembly, problems } = assemble([part('a', { x: '${file:/x}' })], undefined, gone, undefined);
    expect(assembly?.tree).toEqual({ x: 'last' });
    expect(codes(problems)).toEqual(['missing_reference']);
  });

  it('keeps a table that came out as before, though it comes from another source now', () => {
    const first = assemble(
      [part('a', { t: { x: [1] } }), part('b', { u: 1 })],
      undefined,
      around(),
      undefined,
    ).assembly!;
    const second = assemble([part('a', {}), part('b', { u: 1, t: { x: [1] } })], undefined, around(), first)
      .assembly as Assembly;
    expect(second.tree).toBe(first.tree);
  });
});
