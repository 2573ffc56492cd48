import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import { SourceError } from '../../src/errors/index.ts';
import { fileSource, type Found } from '../../src/sources/file-source.ts';
import { watchFile$, type FileContent } from '../../src/sources/index.ts';
import { States, messageOf } from './support/states.ts';
import { tempDirs } from './support/temp-dir.ts';

describe('fileSource', () => {
  const tempDir = tempDirs();

  const textOf = ({ files }: Found) => Buffer.from(files.get('')!.bytes).toString();

  async function source(parse: (text: string) => string) {
    const path = join(await tempDir(), 'x');
    await writeFile(path, 'one', { mode: 0o600 });
    const made = fileSource(path, {}, (found) => ({ state: 'loaded', secrets: { text: parse(textOf(found)) } }));
    return { path, states: new States(made) };
  }

  it('parses what is new, and only that', async () => {
    const parsed: string[] = [];
    const { path, states } = await source((text) => (parsed.push(text), text));
    await states.value('text', 'one');
    await writeFile(path, 'one');
    await states.quiet();
    await writeFile(path, 'two');
    await states.value('text', 'two');
    await states.quiet();
    expect(parsed).toEqual(['one', 'two']);
    states.stop();
  });

  it('makes a state of whatever is thrown, and shows nothing of what it does not know', async () => {
    const { path, states } = await source((text) => {
      if (text === 'two') return text;
      throw text === 'one' ? new SourceError('source_invalid', 'mine') : new TypeError('a secret: hunter2');
    });
    expect(messageOf(await states.first(({ state }) => state === 'failed'))).toBe('mine');
    await writeFile(path, 'two');
    await states.value('text', 'two');
    await writeFile(path, 'three');
    await states.until(() => states.all.length === 3);
    expect(states.all[2]).toMatchObject({ state: 'failed', error: { code: 'source_invalid' } });
    expect(messageOf(states.all[2]!)).toBe(`${path} cannot be read. Mend it; what was loaded before stays in use.`);
    states.stop();
  });

  it('adds what is wrong with the file behind its state, with the same secrets', async () => {
    const { path, states } = await source((text) => text);
    await states.value('text', 'one');
    await chmod(path, 0o604);
    await states.until(() => states.all.length === 2);
    const [plain, warned] = states.all;
    expect(warned).toMatchObject({ state: 'loaded', warnings: [{ code: 'readable_by_others' }] });
    expect(plain).not.toHaveProperty('warnings');
    states.stop();
  });
});

describe('watchFile$', () => {
  const tempDir = tempDirs();

  it('tells the text of a file, that it is missing, and that it cannot be read', async () => {
    const path = join(await tempDir(), 'password');
    const said: FileContent[] = [];
    const contents$ = watchFile$(path);
    const subscription = contents$.subscribe((content) => said.push(content));
    const until = async (state: FileContent['state']) => {
      for (let tries = 0; said.at(-1)?.state !== state && tries < 500; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return said.at(-1)!;
    };
    await until('missing');
    await writeFile(path, ' secret\n');
    expect(await until('loaded')).toEqual({ state: 'loaded', text: ' secret\n' });
    await writeFile(path, Uint8Array.of(0xff));
    expect(await until('failed')).toMatchObject({ error: { code: 'source_unreadable' } });
    await rm(path);
    await until('missing');
    await mkdir(path);
    const failed = await until('failed');
    expect(failed.state === 'failed' && failed.error.message).toBe(`${path} is a directory, and should be a file.`);
    subscription.unsubscribe();
  });

  it('begins anew with each subscription', async () => {
    const path = join(await tempDir(), 'password');
    await writeFile(path, 'one');
    const contents$ = watchFile$(path).pipe(filter(({ state }) => state === 'loaded'));
    expect(await firstValueFrom(contents$)).toMatchObject({ text: 'one' });
    await writeFile(path, 'two');
    expect(await firstValueFrom(contents$)).toMatchObject({ text: 'two' });
  });
});
