import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { isLost, trouble, withLogin } from '../../src/nats/client.ts';
import { natsKeyValue } from '../../src/nats/index.ts';
import { natsWitness, type TlsWitness } from '../support/tls-witness.ts';

describe('A2 what a NATS server without TLS hears', () => {
  let witness: TlsWitness;
  beforeAll(async () => {
    witness = await natsWitness();
  });
  afterAll(() => witness.close());

  const ask = async (connect: object): Promise<string> => {
    const before = witness.heard.length;
    const state = await firstValueFrom(natsKeyValue({ bucket: 'b', key: 'k', connect: { timeout: 500, ...connect } }));
    return (
      witness.heard.slice(before).join() || `nothing: ${state.state}: ${'error' in state ? state.error?.message : ''}`
    );
  };
  const noTls = /^nothing: failed: nats:b\/k: NATS at .* offers no TLS, which was asked for/;

  it.each([
    ['nats://', {}, 'plain'],
    ['', {}, 'plain'],
    ['nats://u:p@', {}, 'plain'],
    ['tls://', {}, noTls],
    ['TLS://', {}, noTls],
    ['tls://user:password@', {}, noTls],
    ['nats://', { tls: {} }, noTls],
    ['tls://', { tls: {} }, noTls],
  ])('%s with %j: %s', async (scheme, options, expected) => {
    const servers = `${scheme}127.0.0.1:${witness.port}`;
    const heard = await ask({ servers, ...options });
    if (typeof expected === 'string') return expect(heard).toBe(expected);
    expect(heard).toMatch(expected);
    expect(heard).not.toContain('password');
    expect(await ask({ servers: [servers, `nats://127.0.0.1:${witness.port}`], ...options })).toMatch(/^nothing/);
  });

  it('refuses TLS that is asked for and forbidden', () => {
    const of = () => natsKeyValue({ bucket: 'b', key: 'k', connect: { servers: 'tls://h', tls: null } });
    expect(of).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });
});

describe('withLogin', () => {
  it.each([
    ['nats://ann:open%20sesame@a:4222', { servers: ['nats://a:4222'], user: 'ann', pass: 'open sesame' }],
    ['a-token@a', { servers: ['a'], token: 'a-token' }],
    [['nats://ann:p@ss@a', 'nats://ann:p@ss@b'], { servers: ['nats://a', 'nats://b'], user: 'ann', pass: 'p@ss' }],
    ['nats://ann:50%@a', { servers: ['nats://a'], user: 'ann', pass: '50%' }],
  ])('takes the login out of %j', (servers, expected) => {
    expect(withLogin({ servers })).toEqual(expected);
  });

  it.each([
    { servers: ['nats://ann:p1@a', 'nats://bob:p2@b'] },
    { servers: 'nats://ann:p1@a', user: 'bob' },
    { servers: 'nats://ann:p1@a', token: 'x' },
  ])('refuses two logins: %j', (options) => {
    const refused = expect.objectContaining({ code: 'invalid_argument', message: expect.not.stringMatching(/p1|ann/) });
    expect(() => withLogin(options)).toThrow(refused);
  });
});

describe('trouble', () => {
  const named = (name: string, message: string) => Object.assign(new Error(message), { name });
  const connection = { servers: ['nats://ann:open-sesame@a:4222', 'b:4222'], token: 'a-token', pass: 'a-password' };

  describe('trouble', () => {
    it.each([
      ['AuthorizationError', 'auth', 'refused the credentials'],
      ['PermissionViolationError', 'auth', 'refused the credentials'],
      ['JetStreamNotEnabled', 'config', 'without JetStream'],
      ['ConnectionError', 'transient', 'cannot be asked'],
    ])('is told of %s as %s', (name, category, text) => {
      const error = trouble('nats:a/b', named(name, 'no'), connection);
      expect(error).toMatchObject({ code: 'source_unreadable', category });
      expect(error.message).toContain(`nats:a/b: NATS at nats://a:4222, b:4222`);
      expect(error.message).toContain(text);
    });

    it('shows neither a token nor a password, wherever it was written', () => {
      const said = named('ConnectionError', 'ann:open-sesame a-token a-password');
      const error = trouble('nats:a/b', said, connection);
      expect(`${error.message} ${(error.cause as Error).message}`).not.toMatch(/open-sesame|a-token|a-password/);
    });

    it('knows a stream that is not there', () => {
      expect([isLost(named('StreamNotFoundError', '')), isLost(named('TimeoutError', '')), isLost(undefined)]).toEqual([
        true,
        false,
        false,
      ]);
    });
  });
});
