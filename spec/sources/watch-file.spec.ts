import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import { watchFile$, type FileContent } from '../../src/sources/index.ts';
import { tempDirs } from './support/temp-dir.ts';

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
