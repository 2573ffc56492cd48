import { describe, expect, it } from '@jest/globals';
import {
  createConnections,
  defaultConnections,
  dotenvFile,
  environmentVariables,
  fileSource,
  inline,
  jsonFile,
  polled,
  secretsDirectory,
  sharedResults,
  snowflakeFiles,
  tomlFile,
  type BaseConnection,
  type ConnectionRegistry,
} from '../src/index.ts';
import { memoryKind } from '../src/testing/index.ts';

/** What a JavaScript program may write: options that the type checker would refuse. */
const wrong = (options: object): never => options as never;

const refused: Readonly<Record<string, () => unknown>> = {
  '"drainTimeOut"': () => createConnections(wrong({ sources: [], drainTimeOut: '5s' })),
  '"source"': () => createConnections(wrong({ source: [] })),
  '"maxBites"': () => createConnections(wrong({ sources: [], queryCache: { maxBites: 5 } })),
  '"idleTimeOut"': () => defaultConnections(wrong({ sources: [], idleTimeOut: 5 })),
  '"optionl"': () => tomlFile('x.toml', wrong({ optionl: true })),
  '"Settle"': () => jsonFile('x.json', wrong({ Settle: 1 })),
  '"poll"': () => fileSource('x', () => ({}), wrong({ poll: true })),
  '"perfix"': () => dotenvFile('.env', wrong({ perfix: 'X' })),
  '"prefixx"': () => environmentVariables(wrong({ prefixx: 'X' })),
  '"usepolling"': () => secretsDirectory('x', wrong({ usepolling: true })),
  '"homes"': () => snowflakeFiles(wrong({ homes: '/x' })),
  '"evry"': () => polled(async () => ({ secrets: {} }), wrong({ evry: '1s' })),
  '"bugdet"': () => sharedResults({ get: async () => undefined } as never, wrong({ bugdet: 1 })),
};

describe('an option that nobody knows', () => {
  it.each(Object.entries(refused))('%s is one error that names it', (name, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining(name) }));
  });

  it.each([
    ['{ timeOut }', (pets: BaseConnection<unknown>) => pets.use(() => 1, wrong({ timeOut: 5 }))],
    ['{ Signal }', (pets: BaseConnection<unknown>) => pets.ping(wrong({ Signal: AbortSignal.abort() }))],
    ['{ timeOut } of a lease', (pets: BaseConnection<unknown>) => pets.lease(wrong({ timeOut: 5 }))],
  ])('%s of a call is refused', async (_, call) => {
    const hot = createConnections({ sources: [inline({})], types: { memory: memoryKind().Kind } });
    const pets = await hot.connection('pets', { type: 'memory', size: 1 });
    await expect(call(pets)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('Did you mean'),
    });
    await hot.close();
    await expect(hot.close(wrong({ timeOut: 5 }))).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('{ Signal } of secret() is refused', async () => {
    const hot = createConnections({ sources: [inline({ key: 'x' })] });
    await expect(hot.secret('key', wrong({ Signal: AbortSignal.abort() }))).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('Did you mean "signal"'),
    });
    await hot.close();
  });

  it.each(['idleTimeOut', 'idle_timeout', 'IDLETIMEOUT', 'max-entries', 'TTL', 'Retry', 'Type', 'PARAMS'])(
    'connection(name, { %s }) opens no second pool: a param of that name goes into `params`',
    async (key) => {
      const hot: ConnectionRegistry = createConnections({
        sources: [inline({})],
        types: { memory: memoryKind().Kind },
      });
      await expect(hot.connection('pets', { type: 'memory', [key]: 5 })).rejects.toMatchObject({
        code: 'invalid_argument',
        connection: 'pets',
        message: expect.stringMatching(new RegExp(`"${key}" is no option. Did you mean "[a-zA-Z]+"\\?`)),
      });
      await hot.connection('pets', { type: 'memory', params: { [key]: 5 } });
      await hot.close();
    },
  );
});
