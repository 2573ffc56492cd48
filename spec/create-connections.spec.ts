import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BaseConnection,
  createConnections,
  HotlineError,
  SqlConnection,
  tomlFile,
  type ConnectionOptions,
  type ConnectionRegistry,
} from 'hotline';
import { inspect } from 'node:util';
import { memoryKind, memorySource } from 'hotline/testing';
import { runInChild } from './support/child.ts';
import { deepIt } from './support/depth.ts';

const secret = 'correct-horse-battery';

describe('bad input is one error, with a code, the connection and where hotline looked', () => {
  let folder: string;
  let file: string;
  let hot: ConnectionRegistry | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotline-bad-'));
    file = join(folder, 'secrets.toml');
  });
  afterEach(async () => {
    await hot?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What comes of asking for a connection, with these secrets in the file. */
  async function refusal(toml: string | undefined, name = 'pets', options?: ConnectionOptions): Promise<HotlineError> {
    await hot?.close();
    if (toml !== undefined) await writeFile(file, toml);
    hot = createConnections({
      sources: [tomlFile(join(folder, 'home.toml'), { optional: true }), tomlFile(file, { optional: true })],
    });
    const error: unknown = await hot.connection(name, options).then(
      (handle) => handle,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof HotlineError)) throw new Error(`not refused: ${String(error)}`);
    expect(error.connection).toBe(name);
    expect(
      `${error.message} ${error.stack} ${JSON.stringify(error)} ${String((error.cause as Error | undefined)?.message)}`,
    ).not.toContain(secret);
    expect(error.retryable).toBe(false);
    // The stream and the status say the same.
    const registry = hot;
    const streamed = await new Promise<unknown>(
      (resolve) => void registry.connection$(name, options).subscribe({ error: resolve }),
    );
    expect(streamed).toMatchObject({ code: error.code, message: error.message });
    return error;
  }

  it('no secrets file at all: every file that was searched (2.E 76)', async () => {
    const error = await refusal(undefined);
    expect(error.code).toBe('missing_secrets');
    expect(error.message).toContain(join(folder, 'home.toml'));
    expect(error.message).toContain(file);
    expect((await refusal(undefined, 'pets', { type: SqlConnection })).code).toBe('missing_secrets');
  });

  it('a file that is required and is not there', async () => {
    hot = createConnections({ sources: [tomlFile(file)] });
    await expect(hot.connection('pets', { type: SqlConnection })).rejects.toMatchObject({
      ...{ code: 'source_missing', connection: 'pets' },
      message: expect.stringContaining(file),
    });
  });

  it('no section', async () => {
    const error = await refusal(`[connections.cats]\ntype = "sql"\npassword = "${secret}"`);
    expect(error.code).toBe('missing_config');
    expect(error.message).toMatch(/no \[connections\.pets\].*Looked in: .*secrets\.toml/);
  });

  it('a section that is no table (2.G 118)', async () => {
    expect(await refusal(`[connections]\npets = "${secret}"`)).toMatchObject({
      ...{
        code: 'invalid_config',
        message: expect.stringMatching(/connections\.pets in .*secrets\.toml should be a table/),
      },
    });
    expect((await refusal(`connections = "${secret}"`)).code).toBe('invalid_config');
  });

  it('no type', async () => {
    const error = await refusal(`[connections.pets]\npassword = "${secret}"`);
    expect(error.code).toBe('missing_type');
    expect(error.message).toMatch(/Add `type` to \[connections\.pets\].*Short names: sql/);
    expect((await refusal(undefined, 'pets', { url: 'sqlite://:memory:' })).code).toBe('missing_type');
  });

  it('an unknown type: the nearest that is known', async () => {
    const error = await refusal(`[connections.pets]\ntype = "slq"\npassword = "${secret}"`);
    expect(error.code).toBe('unknown_type');
    expect(error.message).toMatch(/type "slq" \(.*secrets\.toml\) is not known\. Did you mean "sql"\?/);
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'a type named %s is as unknown as any',
    async (type) => {
      expect((await refusal(undefined, 'pets', { type })).code).toBe('unknown_type');
    },
  );

  it.each([
    ['a class that is none', class Plain {}],
    ['a function', () => undefined],
    ['a number', 7],
    ['null', null],
    ['the abstract base', BaseConnection],
    ['an object', {}],
  ])('not a kind: %s', async (_what, type) => {
    expect((await refusal(undefined, 'pets', { type } as never)).code).toBe('invalid_type');
  });

  it('a kind that cannot be constructed', async () => {
    class Sulking extends BaseConnection<object> {
      constructor() {
        super(undefined as never);
        throw new Error('no');
      }
      protected connect(): object {
        return {};
      }
    }
    const error = await refusal(undefined, 'pets', { type: Sulking });
    expect([error.code, (error.cause as Error).message]).toEqual(['invalid_type', 'no']);
  });

  it('broken TOML: file, line and column, and never the value', async () => {
    const broken = `[connections.pets]\ntype = "sql"\npassword = "${secret}`;
    for (const options of [undefined, { type: SqlConnection }]) {
      const error = await refusal(broken, 'pets', options);
      expect(error.code).toBe('source_invalid');
      expect(error.message).toContain(file);
      expect(error.message).toMatch(/3/);
    }
    expect((await refusal(broken, 'sql')).code).toBe('source_invalid');
  });

  it('a policy of the wrong shape, in the file and in the call', async () => {
    const error = await refusal(`[connections.pets]\ntype = "sql"\nttl = 600\npassword = "${secret}"`);
    expect(error.code).toBe('invalid_policy');
    expect(error.message).toMatch(/\[connections\.pets\] in .*secrets\.toml: ttl.*"600s".*"600ms"/);
    await hot?.close();
    expect((await refusal(undefined, 'pets', { type: SqlConnection, ttl: '1 fortnight' as never })).code).toBe(
      'invalid_policy',
    );
  });

  it('options and params that are none', async () => {
    for (const options of ['sql', 7, null, [], { type: 'sql', params: 'url' }, { type: 'sql', params: [] }])
      expect((await refusal(undefined, 'pets', options as never)).code).toBe('invalid_argument');
  });

  it('params that contain themselves', async () => {
    const params: Record<string, unknown> = { password: secret };
    params['self'] = params;
    const error = await refusal(undefined, 'pets', { type: SqlConnection, params });
    expect([error.code, error.message]).toEqual([
      'invalid_argument',
      expect.stringMatching(/"pets": .*contains itself/),
    ]);
  });

  it.each([
    ['', 'invalid_argument'],
    [7, 'invalid_argument'],
    ['a\nb', 'invalid_argument'],
    [undefined, 'invalid_argument'],
  ])('a name that is none: %p', async (name, code) => {
    hot = createConnections({ sources: [memorySource()] });
    await expect(hot.connection(name as never)).rejects.toMatchObject({ code });
  });

  it('env:VAR that is not set, or says sql (2.E 80)', async () => {
    const error = await refusal(undefined, 'env:HOTLINE_SPEC_UNSET');
    expect([error.code, error.message]).toEqual([
      'missing_name',
      expect.stringMatching(/HOTLINE_SPEC_UNSET is not set/),
    ]);
    await hot?.close();
    process.env['HOTLINE_SPEC_SET'] = 'sql';
    hot = createConnections({ sources: [memorySource({ connections: { sql: { url: 'sqlite://:memory:' } } })] });
    const handle = await hot.connection('env:HOTLINE_SPEC_SET');
    expect([handle.name, handle.kind]).toEqual(['sql', 'SqlConnection']);
    delete process.env['HOTLINE_SPEC_SET'];
  });

  it('what env:VAR says is in no error, event, status or list, unless a connection is called that', async () => {
    process.env['HOTLINE_SPEC_PLANTED'] = secret;
    const name = 'env:HOTLINE_SPEC_PLANTED';
    const memory = memoryKind();
    const source = memorySource({ connections: { sql: { url: 'sqlite://:memory:' } } });
    hot = createConnections({ sources: [source], types: { memory: memory.Kind } });
    const told: unknown[] = [];
    hot.events$.subscribe((event) => told.push(event));
    hot.status$(name).subscribe((status) => told.push(status));
    hot.connection$(name).subscribe({ error: (error: unknown) => told.push(error) });
    for (const options of [undefined, { type: 'memory', size: 1 }, { type: 'nope' }, { type: 'sql' }] as never[]) {
      told.push(await hot.connection(name, options).catch((error: unknown) => error));
      told.push(hot.stats(name, options));
    }
    told.push((await hot.connection(name, { type: 'memory', size: 1 })).describe());
    hot.connections$.subscribe((list) => told.push(list));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(inspect(told, { depth: 9, showHidden: true })).not.toContain(secret);
    expect(told.filter((one) => (one as HotlineError).code === 'missing_config')).not.toHaveLength(0);
    source.set({ connections: { [secret]: { type: 'memory' } } });
    await hot.reload();
    expect((await hot.connection(name)).name).toBe(secret);
    delete process.env['HOTLINE_SPEC_PLANTED'];
  });

  it('an error does not take what worked: the file breaks under a live connection', async () => {
    await mkdir(join(folder, 'x'));
    await writeFile(file, '[connections.sql]\nurl = "sqlite://:memory:"');
    hot = createConnections({ sources: [tomlFile(file, { settle: 0 })] });
    const sql = await hot.connection('sql');
    await writeFile(file, '[connections.sql]\nurl = "sqlite');
    await hot.reload();
    expect(await sql.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('createConnections', () => {
  it.each([
    [{ ttl: 0 }, 'invalid_policy'],
    [{ maxEntries: 1.5 }, 'invalid_policy'],
    [{ types: { mine: class {} } }, 'invalid_type'],
  ])('throws for %j', (options, code) => {
    expect(() => createConnections({ sources: [], ...options } as never)).toThrow(expect.objectContaining({ code }));
  });

  it('takes short names of your own, which are names of connections too', async () => {
    class PetsConnection extends BaseConnection<number> {
      static override readonly settings = {};
      protected connect(): number {
        return 7;
      }
    }
    await using hot = createConnections({ sources: [], types: { pets: PetsConnection } });
    expect((await hot.connection('pets')).kind).toBe('PetsConnection');
    expect((await hot.connection('cats', { type: 'pets' })).kind).toBe('PetsConnection');
  });

  it('reads .streamlit/secrets.toml of the working directory and of the home, where nobody says otherwise', async () => {
    await using hot = createConnections();
    const error = (await hot.connection('hotline-spec-nobody').catch((thrown: unknown) => thrown)) as HotlineError;
    expect(error.message).toMatch(/\.streamlit.secrets\.toml, .*\.streamlit.secrets\.toml/);
  });

  it.each([undefined, '', 7])('refuses the path %p', (path) => {
    expect(() => tomlFile(path as never)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  deepIt('keeps the process alive for somebody who waits for the first secrets', async () => {
    const ended = await runInChild(`
      const { createConnections, inline } = load('src/index.ts');
      const { Subject } = require('rxjs');
      const secrets$ = new Subject();
      createConnections({ sources: [inline(secrets$)] }).secrets$.subscribe((secrets) => console.log(secrets.get('a')));
      setTimeout(() => secrets$.next({ a: 1 }), 200).unref();
    `);
    expect(ended).toMatchObject({ code: 0, stopped: false, stdout: '1\n' });
  });
});
