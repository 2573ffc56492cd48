import { describe, expect, it } from '@jest/globals';
import { concat, defer, NEVER, of, Subject } from 'rxjs';
import { exportToEnvironment } from '../../src/secrets/export-to-environment.ts';
import type { Secrets } from '../../src/secrets/secrets.ts';
import { secretsOf } from './told-source.ts';

function exported(env: NodeJS.ProcessEnv) {
  const secrets$ = new Subject<Secrets>();
  const subscription = exportToEnvironment(secrets$, env).subscribe();
  return { say: (secrets: object) => secrets$.next(secretsOf(['x', secrets])), end: () => subscription.unsubscribe() };
}

describe('exportToEnvironment', () => {
  it('2.B.31: puts top-level strings and numbers there, and nothing else', () => {
    const env: NodeJS.ProcessEnv = {};
    exported(env).say({ s: 'x', n: 1.5, big: 12345678901234567890n, b: true, d: new Date(), l: [1], t: { u: 'x' } });
    expect(env).toEqual({ s: 'x', n: '1.5', big: '12345678901234567890' });
  });

  it('2.B.33: never overwrites what was there, and takes away only its own', () => {
    const env: NodeJS.ProcessEnv = { PRE: 'orig', EMPTY: '' };
    const { say, end } = exported(env);
    say({ PRE: 'x', EMPTY: 'x', OURS: 'x' });
    expect(env).toEqual({ PRE: 'orig', EMPTY: '', OURS: 'x' });
    end();
    expect(env).toEqual({ PRE: 'orig', EMPTY: '' });
  });

  it('2.B.35: leaves alone what somebody else has changed since', () => {
    const env: NodeJS.ProcessEnv = {};
    const { say, end } = exported(env);
    say({ A: '1', B: '1', C: '1' });
    env['A'] = 'theirs';
    delete env['B'];
    say({ A: '2', B: '2', C: '2' });
    expect(env).toEqual({ A: 'theirs', B: '2', C: '2' });
    end();
    expect(env).toEqual({ A: 'theirs' });
  });

  it('leaves out what a remote source says: a variable can run code', () => {
    const env: NodeJS.ProcessEnv = {};
    const mixed = secretsOf(['file', { A: 'x' }], ['vault', { NODE_OPTIONS: '--require=evil' }, 'remote']);
    const seen: object[] = [];
    exportToEnvironment(
      concat(
        of(mixed),
        defer(() => (seen.push({ ...env }), NEVER)),
      ),
      env,
    ).subscribe();
    expect(seen).toEqual([{ A: 'x' }]);
  });

  it('follows changes, and takes away what the secrets no longer have', () => {
    const env: NodeJS.ProcessEnv = {};
    const { say } = exported(env);
    say({ A: '1', B: '1' });
    say({ A: '2', C: 1 });
    expect(env).toEqual({ A: '2', C: '1' });
  });
});
