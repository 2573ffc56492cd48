import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { SecretTree, Source } from 'hotline';
import { describeSource } from 'hotline/testing';
import { filter, firstValueFrom } from 'rxjs';
import { stringify } from 'yaml';
// @ts-expect-error -- an example is plain JavaScript
import { ageFile as untypedAge } from '../../docs/examples/sources/age.js';
// @ts-expect-error -- an example is plain JavaScript
import { json5File as untypedJson5 } from '../../docs/examples/sources/json5.js';
// @ts-expect-error -- an example is plain JavaScript
import { sopsFile as untypedSops } from '../../docs/examples/sources/sops.js';
// @ts-expect-error -- an example is plain JavaScript
import { yamlFile as untypedYaml } from '../../docs/examples/sources/yaml.js';
import { playedSops } from './played-sops.ts';

type Make = (path: string, options?: object) => Source;
const [ageFile, json5File, sopsFile, yamlFile] = [untypedAge, untypedJson5, untypedSops, untypedYaml] as [
  ...[Make, Make, Make, Make],
];

let folder: string;
let identity: string;
let command: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-forms-'));
  identity = await generateX25519Identity();
  command = await playedSops(folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function sealed(text: string, to = identity): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(to));
  return encrypter.encrypt(text);
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');

const forms: Record<
  string,
  {
    make: (path: string) => Source;
    write: (secrets: SecretTree) => string | Promise<Uint8Array>;
    spoil: (text: string) => string;
  }
> = {
  YAML: { make: (path) => yamlFile(path), write: (secrets) => stringify(secrets), spoil: (text) => `a: "${text}` },
  JSON5: {
    make: (path) => json5File(path),
    write: (secrets) => `// mine\n${JSON.stringify(secrets).replace(/}$/, ',}').replace('{,}', '{}')}`,
    spoil: (text) => `{ a: '${text}`,
  },
  SOPS: {
    make: (path) => sopsFile(path, { command }),
    write: (secrets) => encoded(JSON.stringify(secrets)),
    spoil: (text) => `?${text}`,
  },
  age: {
    make: (path) => ageFile(path, { key: identity }),
    write: (secrets) => sealed(JSON.stringify(secrets)),
    spoil: (text) => text,
  },
};

let last = 0;
for (const [name, { make, write, spoil }] of Object.entries(forms))
  describeSource({
    ...{ describe, it, expect },
    name,
    open: () => {
      const path = join(folder, `secrets-${++last}`);
      const put = async (bytes: string | Uint8Array): Promise<void> => {
        await writeFile(`${path}.new`, bytes, { mode: 0o600 });
        await rename(`${path}.new`, path);
      };
      return {
        source: make(path),
        write: async (secrets) => put(await write(secrets)),
        spoil: (text) => put(spoil(text)),
        remove: () => rm(path, { force: true }),
      };
    },
  });

describe('files of other forms', () => {
  const written = async (text: string | Uint8Array): Promise<string> => {
    const path = join(folder, `secrets-${++last}`);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const loaded = (source: Source) => firstValueFrom(source.pipe(filter(({ state }) => state === 'loaded')));
  const failure = async (source: Source): Promise<string> => {
    const state = await firstValueFrom(source);
    return state.state === 'failed' ? state.error.message : state.state;
  };

  it('YAML and JSON5 say where they are broken, and quote nothing', async () => {
    const yaml = await written('a: 1\nb: "hunter2');
    expect(await failure(yamlFile(yaml))).toBe(`${yaml}, line 2, column 12, is not valid YAML: MISSING_CHAR.`);
    const json5 = await written("{\n  a: 'hunter2 }");
    expect(await failure(json5File(json5))).toBe(`${json5}, line 2, column 16, is not valid JSON5.`);
  });

  it('SOPS: what it refuses, and a program that is not there, are said without what it printed', async () => {
    const path = await written('?');
    expect(await failure(sopsFile(path, { command }))).toMatch(/ended with 1\. To see more run: sops -d /);
    expect(await failure(sopsFile(path, { command: join(folder, 'none') }))).toMatch(/is not installed/);
  });

  it('age: reads armour, a key file with remarks, and several keys', async () => {
    const keyFile = await written(`# created: today\n${await generateX25519Identity()}\n${identity}\n`);
    const path = await written(armor.encode(await sealed('[connections.pets]\nurl = "sqlite://"')));
    expect(await loaded(ageFile(path, { keyFile }))).toMatchObject({
      trust: 'local',
      secrets: { connections: { pets: { url: 'sqlite://' } } },
    });
  });

  it('age: says that there is no key, and that it is another one', async () => {
    const path = await written(await sealed('{}', await generateX25519Identity()));
    expect(await failure(ageFile(path))).toBe(`${path}: there is no key. Set AGE_KEY or AGE_KEY_FILE.`);
    expect(await failure(ageFile(path, { key: identity }))).toBe(`${path} is broken, or is not for this key of age.`);
  });
});
