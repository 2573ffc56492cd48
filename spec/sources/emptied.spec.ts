import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { secretsFeed, type Load, type SecretsEvent } from '../../src/secrets/index.ts';
import { upkeepScheduler } from '../../src/duration/index.ts';
import { inline, secretsDirectory, snowflakeFiles, tomlFile, type Source } from '../../src/sources/index.ts';
import { Subject } from 'rxjs';
import { tempDirs } from './support/temp-dir.ts';

/** What a feed of one source has said. */
class Heard {
  readonly loads: Load[] = [];
  readonly events: SecretsEvent[] = [];
  readonly feed;

  constructor(source: Source) {
    this.feed = secretsFeed({ sources: [source], scheduler: upkeepScheduler, env: {} });
    this.feed.events$.subscribe((event) => this.events.push(event));
    this.feed.load$.subscribe((load) => this.loads.push(load));
  }

  get tree(): unknown {
    return JSON.parse(JSON.stringify(this.feed.current()?.reveal() ?? null));
  }

  get failures(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'source.failed' ? [event.error.code] : []));
  }

  async until(holds: () => boolean): Promise<void> {
    for (let waited = 0; !holds(); waited += 10) {
      if (waited > 10_000) throw new Error(`waited in vain: ${JSON.stringify([this.tree, this.events])}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

const written = '[connections.pets]\nurl = "sqlite://pets.db"\n';
const tree = { connections: { pets: { url: 'sqlite://pets.db' } } };

describe('a source that is emptied keeps its last good secrets', () => {
  const tempDir = tempDirs();

  it.each([
    ['an empty file', ''],
    ['comments only', '# nothing\n\n# at all\n'],
    ['white space', ' \n\t\n'],
    ['a byte order mark', '\uFEFF'],
    ['NUL bytes', '\0'.repeat(64)],
  ])('a TOML file: %s', async (_, text) => {
    const path = join(await tempDir(), 'secrets.toml');
    await writeFile(path, written);
    const heard = new Heard(tomlFile(path));
    await heard.until(() => heard.loads.length === 1);
    await writeFile(path, text);
    await heard.until(() => heard.failures.length === 1);
    expect(heard.tree).toEqual(tree);
    await writeFile(path, written.replace('pets.db', 'cats.db'));
    await heard.until(() => heard.loads.length === 2);
    expect(heard.tree).toEqual({ connections: { pets: { url: 'sqlite://cats.db' } } });
    expect(heard.events.at(-1)).toMatchObject({ type: 'source.loaded' });
    heard.feed.close();
  });

  it('a TOML file that is empty on purpose: reload() takes it', async () => {
    const path = join(await tempDir(), 'secrets.toml');
    await writeFile(path, written);
    const heard = new Heard(tomlFile(path));
    await heard.until(() => heard.loads.length === 1);
    await writeFile(path, '');
    await heard.until(() => heard.failures.length === 1);
    await heard.feed.reload();
    expect(heard.tree).toEqual({});
    heard.feed.close();
  });

  it('a mounted directory, as a whole, one table of it, and one value of it', async () => {
    const path = await tempDir();
    await writeFile(join(path, 'connections.toml'), '[pets]\nurl = "x"\n');
    await writeFile(join(path, 'password'), 'one\n');
    const heard = new Heard(secretsDirectory(path));
    await heard.until(() => heard.loads.length === 1);
    const all = { connections: { pets: { url: 'x' } }, password: 'one' };
    await writeFile(join(path, 'connections.toml'), '');
    await heard.until(() => heard.failures.length === 1);
    await writeFile(join(path, 'connections.toml'), '[pets]\nurl = "x"\n');
    await heard.until(() => heard.events.at(-1)!.type === 'source.loaded');
    await writeFile(join(path, 'password'), '\0\0\0');
    await heard.until(() => heard.failures.length === 2);
    await rm(join(path, 'connections.toml'));
    await rm(join(path, 'password'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([heard.tree, heard.loads.length]).toEqual([all, 1]);
    expect(new Set(heard.failures)).toEqual(new Set(['source_emptied']));
    heard.feed.close();
  });

  it("Snowflake's files", async () => {
    const home = await tempDir();
    const [connections, config] = [join(home, 'connections.toml'), join(home, 'config.toml')];
    await writeFile(config, 'default_connection_name = "dev"\n', { mode: 0o600 });
    await writeFile(connections, '[dev]\naccount = "a"\n', { mode: 0o600 });
    const heard = new Heard(snowflakeFiles({ home, env: {} }));
    await heard.until(() => heard.loads.length === 1);
    const all = { snowflake: { connections: { dev: { account: 'a' } }, default_connection_name: 'dev' } };
    await writeFile(connections, '');
    await heard.until(() => heard.failures.length === 1);
    await writeFile(connections, '[dev]\naccount = "a"\n');
    await heard.until(() => heard.events.at(-1)!.type === 'source.loaded');
    await writeFile(config, '# nothing\n');
    await heard.until(() => heard.failures.length === 2);
    expect([heard.tree, heard.failures]).toEqual([all, ['source_emptied', 'source_emptied']]);
    heard.feed.close();
  });

  it('a stream of the program itself', async () => {
    const secrets$ = new Subject<object>();
    const heard = new Heard(inline(secrets$));
    secrets$.next(tree);
    secrets$.next({});
    await heard.until(() => heard.failures.length === 1);
    expect(heard.tree).toEqual(tree);
    await heard.feed.reload();
    expect(heard.tree).toEqual({});
    heard.feed.close();
  });

  it('but one that was empty from the start is a good one', async () => {
    const path = join(await tempDir(), 'secrets.toml');
    await writeFile(path, '');
    const heard = new Heard(tomlFile(path));
    await heard.until(() => heard.loads.length === 1);
    await writeFile(path, written);
    await heard.until(() => heard.loads.length === 2);
    expect([heard.tree, heard.failures]).toEqual([tree, []]);
    heard.feed.close();
  });
});

describe('a directory in the place of a file', () => {
  const tempDir = tempDirs();

  const kinds: readonly (readonly [string, string, (path: string) => Source])[] = [
    ['tomlFile', 'secrets.toml', (path) => tomlFile(path)],
    ['an optional tomlFile', 'secrets.toml', (path) => tomlFile(path, { optional: true })],
    ['snowflakeFiles', 'connections.toml', (path) => snowflakeFiles({ home: join(path, '..'), env: {} })],
  ];

  it.each(kinds)(
    '%s: an empty one is source_unreadable, and the file that takes its place is read',
    async (...kind) => {
      const [, name, make] = kind;
      const path = join(await tempDir(), name);
      await mkdir(path);
      const heard = new Heard(make(path));
      await heard.until(() => heard.loads.length === 1);
      expect(heard.loads).toMatchObject([{ state: 'failed', error: { code: 'source_unreadable' } }]);
      expect(JSON.stringify(heard.failures)).toBe('["source_unreadable"]');
      await rm(path, { recursive: true });
      await writeFile(path, '[connections]\na = 1\n', { mode: 0o600 });
      await heard.until(() => heard.loads.length === 2);
      expect(heard.loads[1]).toMatchObject({ state: 'loaded' });
      heard.feed.close();
    },
  );

  it.each(kinds)('%s: one that takes the place of a file keeps what was loaded', async (...kind) => {
    const [, name, make] = kind;
    const path = join(await tempDir(), name);
    await writeFile(path, '[connections]\na = 1\n', { mode: 0o600 });
    const heard = new Heard(make(path));
    await heard.until(() => heard.loads.length === 1);
    await rm(path);
    await mkdir(path);
    await heard.until(() => heard.failures.length === 1);
    await writeFile(join(path, 'b'), '1');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([heard.loads.length, heard.failures[0]]).toEqual([1, 'source_unreadable']);
    await rm(path, { recursive: true });
    await writeFile(path, '[connections]\na = 2\n', { mode: 0o600 });
    await heard.until(() => heard.loads.length === 2);
    heard.feed.close();
  });

  it('tomlFile: a directory with secrets in it may become a file, also by a link', async () => {
    const folder = await tempDir();
    const path = join(folder, 'secrets');
    await mkdir(join(folder, 'v1'));
    await writeFile(join(folder, 'v1', 'a'), '1');
    await writeFile(join(folder, 'v2'), 'a = "2"\n');
    await symlink('v1', path);
    const heard = new Heard(tomlFile(path));
    await heard.until(() => heard.loads.length === 1);
    await rm(path);
    await symlink('v2', path);
    await heard.until(() => heard.loads.length === 2);
    expect([heard.tree, heard.failures.filter((code) => code !== 'source_missing')]).toEqual([{ a: '2' }, []]);
    heard.feed.close();
  });
});
