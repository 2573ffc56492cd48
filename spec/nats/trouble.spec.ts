import { describe, expect, it } from '@jest/globals';
import { isLost, trouble } from '../../src/nats/trouble.ts';

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
