import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline, secretsDirectory, tomlFile, type ConnectionRegistry, type Source } from 'hotline';
import { parseAllDocuments } from 'yaml';

let hot: ConnectionRegistry | undefined;
let folder: string | undefined;
afterEach(async () => {
  await hot?.close();
  if (folder) rmSync(folder, { recursive: true });
  folder = undefined;
});

async function why(source: Source, name = 'pets'): Promise<string> {
  hot = createConnections({ sources: [source] });
  return hot.connection(name).then(
    () => 'there',
    ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
  );
}

const url = 'sqlite://:memory:';

describe('missing_config', () => {
  it.each([
    [
      'a table that is misspelt',
      { connection: { pets: { url } } },
      'There is [connection.pets] in inline. Call it [connections.pets].',
    ],
    ['a section at the top', { pets: { url } }, 'There is [pets] in inline. Call it [connections.pets].'],
    ['a name that is spelt alike', { connections: { pest: { url } } }, 'Did you mean [connections.pest]?'],
    ['a name in another case', { connections: {}, Pets: { url } }, 'There is [Pets] in inline.'],
  ])('names %s', async (_, secrets, message) => {
    expect(await why(inline(secrets as never))).toContain(message);
  });

  it('says what is to be done with a file in a directory, and nothing where nothing is near', async () => {
    folder = mkdtempSync(join(tmpdir(), 'hotline-near-'));
    writeFileSync(join(folder, 'pets.toml'), `[connections.pets]\nurl = "${url}"\n`);
    expect(await why(secretsDirectory(folder))).toContain(
      `There is [pets.connections.pets] in ${join(folder, 'pets.toml')}. In a directory of secrets the name of a file is the first key: call it connections.toml with [pets] in it`,
    );
    await hot!.close();
    expect(await why(inline({ connections: { other: { url } } }), 'zebra')).toBe(
      'missing_config: There is no [connections.zebra]. Looked in: inline. Add it to one of them, or pass params.',
    );
  });
});

describe('the guide of Kubernetes', () => {
  const guide = readFileSync('docs/guides/kubernetes.md', 'utf8');
  const manifests = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) =>
    parseAllDocuments(text!).map((one) => one.toJS() as Record<string, never>),
  );

  /** The files of a mount, as the kubelet writes them: each key is a file, or lies where `items` say. */
  function mount(documents: readonly Record<string, never>[]): string {
    folder = mkdtempSync(join(tmpdir(), 'hotline-kube-'));
    const data = documents[0]!['stringData'] as unknown as Record<string, string>;
    const pod = (documents[1]!['spec'] as { template: { spec: object } } | undefined)?.template.spec ?? documents[1]!;
    const [{ projected }] = (
      pod as {
        volumes: [
          { projected: { defaultMode: number; sources: [{ secret: { items?: { key: string; path: string }[] } }] } },
        ];
      }
    ).volumes;
    const items = projected.sources[0].secret.items ?? Object.keys(data).map((key) => ({ key, path: key }));
    for (const { key, path } of items) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), data[key]!);
    }
    return folder;
  }

  it.each([
    ['tomlFile', 0, (path: string) => tomlFile(join(path, 'pets.toml'))],
    ['secretsDirectory', 1, (path: string) => secretsDirectory(path)],
  ] as const)('has a manifest that works for %s', async (_, index, source) => {
    hot = createConnections({ sources: [source(mount(manifests[index]!))] });
    expect(await hot.secret('connections.pets.url')).toMatch(/^postgresql:/);
    expect(guide.match(/defaultMode: 0400/g)).toHaveLength(2);
  });
});
