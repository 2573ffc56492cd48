import { describe, expect, it } from '@jest/globals';
import { environmentVariables } from '../../src/sources/index.ts';
import { firstState, messageOf, secretsOf, States } from './support/states.ts';

describe('environmentVariables', () => {
  it('reads those with the prefix, in lower case, two underscores for a dot', async () => {
    const env = {
      HOTLINE__CONNECTIONS__PETS__URL: 'u',
      HOTLINE__A_B: '1',
      HOTLINE_ENV: 'staging',
      OTHER: 'x',
      HOTLINE__: 'y',
    };
    const state = await firstState(environmentVariables({ env }));
    expect(secretsOf(state)).toEqual({ connections: { pets: { url: 'u' } }, a_b: '1' });
    expect(state.trust).toBe('local');
    expect(state.state === 'loaded' && state.originOf!(['connections', 'pets', 'url'])).toBe(
      'env:HOTLINE__CONNECTIONS__PETS__URL',
    );
  });

  it('reads those of the process by default, and those of another prefix', async () => {
    process.env['HOTLINE_SPEC__TOKEN'] = 't';
    try {
      expect(secretsOf(await firstState(environmentVariables({ prefix: 'HOTLINE_SPEC__' })))).toEqual({ token: 't' });
    } finally {
      delete process.env['HOTLINE_SPEC__TOKEN'];
    }
  });

  it('takes a mapping of one’s own, which keeps upper case and dots', async () => {
    const map = { PETS_URL: 'connections.pets.url', MAX: ['connections', 'my.pets', 'maxRows'], NOT_SET: 'x' };
    const env = { PETS_URL: 'u', MAX: '5', HOTLINE__X: '1' };
    expect(secretsOf(await firstState(environmentVariables({ map, env })))).toEqual({
      connections: { pets: { url: 'u' }, 'my.pets': { maxRows: '5' } },
      x: '1',
    });
  });

  it.each([
    [
      'a value with another inside',
      { HOTLINE__A: 'hunter2', HOTLINE__A__B: 'x' },
      'env:HOTLINE__A__B is inside of env:HOTLINE__A',
    ],
    ['an empty step', { HOTLINE____A: 'hunter2' }, 'env:HOTLINE____A has no path'],
    ['an unsafe name', { HOTLINE__A__CONSTRUCTOR: 'hunter2' }, 'a.constructor'],
  ])('fails at %s, and names the variable', async (_, env, message) => {
    const state = await firstState(environmentVariables({ env }));
    expect(state.state).toBe('failed');
    expect(messageOf(state)).toContain(message);
    expect(messageOf(state)).not.toContain('hunter2');
  });

  it('refuses an empty prefix', () => {
    expect(() => environmentVariables({ prefix: '' })).toThrow('prefix');
  });

  it('looks again when asked to', async () => {
    const env: Record<string, string> = { HOTLINE__A: '1' };
    const source = environmentVariables({ env });
    const states = new States(source);
    env['HOTLINE__A'] = '2';
    await source.look!();
    expect(states.all.map(secretsOf)).toEqual([{ a: '1' }, { a: '2' }]);
    states.stop();
  });
});
