import { afterEach, describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import {
  BaseConnection,
  createConnections,
  inline,
  type Config,
  type ConnectionRegistry,
  type CreateConnectionsOptions,
} from '../../src/index.ts';

class Clock extends BaseConnection<Config> {
  protected connect(config: Config): Config {
    return config;
  }
}

let hot: ConnectionRegistry;
let warnings: string[];
function open(options: CreateConnectionsOptions = {}): void {
  warnings = [];
  hot = createConnections({ sources: [inline({ connections: { wall: { zone: 'UTC' } } })], ...options });
  hot.events$.subscribe((event) => event.type === 'warning' && warnings.push(`${event.code}: ${event.message}`));
}
afterEach(() => hot.close());

const ask = (options: object): Promise<Clock> => hot.connection('wall', { type: Clock, ...options });

describe('a function in the params', () => {
  it('that is another one at the second call is a warning that says why, once', async () => {
    open();
    const three = [1, 2, 3].map(() => ask({ zone: { of: [() => 'UTC'] } }));
    expect(new Set(await Promise.all(three)).size).toBe(3);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^identity_by_reference: "wall": zone\.of\.0 is another function or object/);
  });

  it('that is the same at each call is none, nor is one beside other params, or after an eviction', async () => {
    open({ maxEntries: 1 });
    const zone = (): string => 'UTC';
    for (const other of [1, 2, 1, 2]) await ask({ zone, other });
    expect(warnings).toEqual([]);
  });

  it('and so is an object of a class', async () => {
    open();
    await ask({ agent: new URL('http://a') });
    await ask({ agent: new URL('http://a') });
    expect(warnings).toHaveLength(1);
  });
});

describe('credentials in the params', () => {
  const password = 'p';
  it.each<[string, () => object]>([
    ['a function', () => ({ credentials: () => ({ password }) })],
    ['an Observable', () => ({ credentials: of({ password }) })],
    ['an object', () => ({ credentials: { get: () => ({ password }), scope: 'login' } })],
    ['a function among `params`', () => ({ params: { credentials: () => ({ password }) } })],
  ])('are no part of the identity, and reach the kind: %s', async (_, options) => {
    open();
    const first = await ask(options());
    expect(await ask(options())).toBe(first);
    expect(await ask({})).toBe(first);
    expect((await first.use((config) => config))['credentials']).toBeDefined();
    expect(warnings).toEqual([]);
  });

  it.each<[string, object]>([
    ['another function', { credentials: () => ({ password: 'other' }) }],
    ['an Observable', { credentials: of({ password }) }],
    ['another scope', { credentials: { get: () => ({ password }), scope: 'session' } }],
  ])('of a second provider are one warning, and the first one stays: %s', async (_, later) => {
    open();
    const credentials = () => ({ password });
    const first = await ask({ credentials });
    for (let times = 0; times < 2; times++) expect(await ask(later)).toBe(first);
    expect(await first.use((config) => config['credentials'])).toBe(credentials);
    expect(warnings).toEqual([expect.stringMatching(/^credentials_conflict: "wall" was asked for with other/)]);
  });

  it('that come with a later call are taken', async () => {
    open();
    const first = await ask({});
    await ask({ credentials: () => ({ password }) });
    await first.reset();
    expect(await first.use((config) => typeof config['credentials'])).toBe('function');
  });

  it('that are a name, or a table of a kind of its own, are params as all others', async () => {
    open();
    const all = [
      { credentials: 'a' },
      { credentials: 'b' },
      { credentials: { key: 'a' } },
      { credentials: { key: 'b' } },
    ];
    expect(new Set(await Promise.all(all.map(ask))).size).toBe(4);
  });
});

describe('createConnections({ credentials })', () => {
  it.each([
    ['no table', () => 'x', 'must be an object'],
    ['no provider', { pets: 5 }, 'credentials: expected a function'],
    ['a name', { pets: 'other' }, 'credentials.pets: expected a provider'],
    ['an unknown word', { pets: { get: () => ({}), revok: () => undefined } }, 'Did you mean "revoke"?'],
  ])('refuses %s', (_, credentials, message) => {
    open();
    expect(() => createConnections({ credentials: credentials as never })).toThrow(message);
  });
});
