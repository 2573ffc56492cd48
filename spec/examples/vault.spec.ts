import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Source } from 'hotline';
import { describeSource } from 'hotline/testing';
// @ts-expect-error -- an example is plain JavaScript
import { vault as untyped } from '../../docs/examples/sources/vault.js';

const vault = untyped as (url: string, token: string, options: { every: number }) => Source;
const token = 'the-token-of-vault';

/** What stands in for Vault: it answers as its key-value engine does. */
async function standIn() {
  let answer = (response: ServerResponse): unknown => response.writeHead(404).end();
  const server = createServer((request, response) => {
    if (request.headers['x-vault-token'] === token) answer(response);
    else response.writeHead(403).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/secret/data/app`,
    say: (next: typeof answer) => void (answer = next),
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

describeSource({
  ...{ describe, it, expect },
  name: 'vault',
  open: async () => {
    const { url, say, close } = await standIn();
    let version = 0;
    return {
      source: vault(url, token, { every: 20 }),
      write: (data) =>
        say((response) => response.end(JSON.stringify({ data: { data, metadata: { version: ++version } } }))),
      spoil: (spoilt) => say((response) => response.end(`{"data": "${spoilt}`)),
      remove: () => say((response) => response.writeHead(404).end()),
      close,
    };
  },
});

describe('vault', () => {
  it('is a source that shows no token where it is refused', async () => {
    const { url, close } = await standIn();
    const said = await new Promise((resolve) => vault(url, 'a-wrong-token', { every: 1000 }).subscribe(resolve));
    expect(said).toMatchObject({
      state: 'failed',
      error: { message: 'vault:/v1/secret/data/app: Vault answered 403.' },
    });
    await close();
  });
});
