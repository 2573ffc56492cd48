import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { gitIgnore } from '../../../src/cli/init/git-ignore.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'hotline-ignore-'))));
afterEach(() => rm(folder, { recursive: true }));
const text = (): Promise<string> => readFile(join(folder, '.gitignore'), 'utf8');

it.each(['.streamlit/secrets.toml', '/.streamlit/secrets.toml', '.streamlit/', '/.streamlit', '.streamlit'])(
  'leaves a file alone that says %s',
  async (line) => {
    await writeFile(join(folder, '.gitignore'), `dist\r\n${line}\r\n`);
    expect(await gitIgnore(join(folder, '.streamlit/secrets.toml'), folder)).toMatchObject({ made: false });
    expect(await text()).toBe(`dist\r\n${line}\r\n`);
  },
);

it('adds a line at the end, on a line of its own', async () => {
  await writeFile(join(folder, '.gitignore'), 'dist');
  expect(await gitIgnore(join(folder, 'secrets.toml'), folder)).toEqual({
    file: join(folder, '.gitignore'),
    made: true,
  });
  expect(await text()).toBe('dist\n/secrets.toml\n');
});

it('takes the .gitignore of the repository around it', async () => {
  await mkdir(join(folder, '.git'));
  await mkdir(join(folder, 'apps/pets'), { recursive: true });
  await gitIgnore(join(folder, 'apps/pets/secrets.toml'), join(folder, 'apps/pets'));
  expect(await text()).toBe('/apps/pets/secrets.toml\n');
});
