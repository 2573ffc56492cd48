import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, SourceError, type ConnectionRegistry, type Source, type SourceState } from 'hotline';
import { firstValueFrom, of, Subject } from 'rxjs';
// @ts-expect-error -- an example is plain JavaScript
import { keptOnDisk as untyped } from '../../docs/examples/sources/kept-on-disk.js';

const keptOnDisk = untyped as (source: Source, path: string, options: object) => Source;

describe('the recipe of a copy on disk', () => {
  const key = randomBytes(32).toString('base64');
  const loaded: SourceState = { state: 'loaded', trust: 'remote', secrets: { token: 'hunter22', since: new Date(5) } };
  const away: SourceState = { state: 'failed', error: new SourceError('source_unreadable', 'The store is away.') };
  let folder: string;
  let path: string;
  let hot: ConnectionRegistry | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotline-copy-'));
    path = join(folder, 'secrets.copy');
  });
  afterEach(async () => {
    await hot?.close();
    await rm(folder, { recursive: true });
  });

  const says = (...states: SourceState[]): Source => Object.assign(of(...states), { label: 'store' });
  const start = (source: Source, options: object = { key }) =>
    (hot = createConnections({ sources: [keptOnDisk(source, path, options)] }));
  const token = async () => (await firstValueFrom(start(says(away)).secrets$)).get('token');

  it('starts a process whose store is away with what it said last, and its status says that it failed', async () => {
    await firstValueFrom(start(says(loaded)).secrets$);
    await hot!.close();
    expect(await token()).toBe('hunter22');
    const [store] = await firstValueFrom(hot!.sources$);
    expect(store).toMatchObject({ label: 'store', state: 'failed', error: { code: 'source_unreadable' } });
    expect((await firstValueFrom(hot!.secrets$)).origin('token')).toBe('store (copy)');
  });

  it('keeps nothing readable, for its owner alone', async () => {
    await firstValueFrom(start(says(loaded)).secrets$);
    expect(String(await readFile(path))).not.toMatch(/hunter22|token/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('stands in for a store that says nothing, until it does', async () => {
    await firstValueFrom(start(says(loaded)).secrets$);
    await hot!.close();
    const store = new Subject<SourceState>();
    const { secrets$ } = start(Object.assign(store, { label: 'store' }), { key, within: 20 });
    expect((await firstValueFrom(secrets$)).get('token')).toBe('hunter22');
    store.next({ ...loaded, secrets: { token: 'hunter33' } });
    await hot!.reload();
    expect((await firstValueFrom(secrets$)).get('token')).toBe('hunter33');
  });

  it('takes no copy that was made by another key or was altered, and needs a key', async () => {
    await firstValueFrom(start(says(loaded)).secrets$);
    await hot!.close();
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    hot = start(says(away));
    await expect(hot.connection('pets', { type: 'sql' })).rejects.toMatchObject({ code: 'source_unreadable' });
    expect(() => keptOnDisk(says(away), path, { key: 'short' })).toThrow(/32 bytes/);
  });
});
