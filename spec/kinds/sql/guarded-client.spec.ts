import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection } from '../../../src/index.ts';

let server: Server;
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

const message = (type: string, ...body: readonly number[]): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
};

/** A server that says this to whoever speaks to it. */
async function saying(answer: Buffer): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('B8 a server that pg does not understand', () => {
  it.each([
    ['a login that is not known', message('R', 0, 0, 0, 99)],
    ['a login of no length', message('R')],
    ['a row that nobody asked for', Buffer.concat([message('R', 0, 0, 0, 0), message('Z', 73), message('D', 0, 5)])],
  ])('%s ends the opening, and not the process', async (_what, answer) => {
    const port = await saying(answer);
    const hot = createConnections({ sources: [], retry: { attempts: 1 }, openTimeout: 3000 });
    const url = `postgresql://u:p@127.0.0.1:${port}/d`;
    await expect(hot.connection('pets', { type: SqlConnection, url })).rejects.toMatchObject({
      code: expect.stringMatching(/^open_(failed|timeout)$/),
      connection: 'pets',
    });
    await hot.close();
  });
});
