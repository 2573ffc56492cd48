import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SourceError } from '../../src/errors/index.ts';
import { fileSource, type Found } from '../../src/sources/file-source.ts';
import { messageOf, States } from './support/states.ts';
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
