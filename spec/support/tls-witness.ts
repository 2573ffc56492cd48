import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** What a client did first: asked for TLS, began with it, or spoke in clear. */
export type Heard = 'tls' | 'plain';

/** A server that notes whether each client asks for TLS, and then hangs up. */
export interface TlsWitness {
  readonly port: number;
  readonly heard: readonly Heard[];
  close(): Promise<void>;
}

const sslRequest = 80_877_103;
const clientSsl = 0x800;

/** What a PostgreSQL client says first: an SSLRequest, a TLS handshake (0x16), or a start in clear. */
export function postgresWitness(): Promise<TlsWitness> {
  return witness((socket, heard) => {
    socket.once('data', (bytes) => {
      const asks = bytes[0] === 0x16 || (bytes.length >= 8 && bytes.readInt32BE(4) === sslRequest);
      heard(asks ? 'tls' : 'plain');
      socket.end(asks ? 'N' : '');
    });
  });
}

/** What a MySQL client answers to the greeting of a server that offers TLS: the capability of TLS, or not. */
export function mysqlWitness(): Promise<TlsWitness> {
  return witness((socket, heard) => {
    socket.write(greeting());
    socket.once('data', (bytes) => {
      heard((bytes.readUInt32LE(4) & clientSsl) !== 0 ? 'tls' : 'plain');
      socket.destroy();
    });
  });
}

/** What a NATS client does with a server that has no TLS: speaks of itself in clear, or hangs up. */
export function natsWitness(): Promise<TlsWitness> {
  return witness((socket, heard) => {
    socket.write('INFO {"server_id":"x","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576}\r\n');
    socket.on('data', (bytes) => {
      if (bytes.toString('latin1').startsWith('CONNECT')) heard('plain');
      socket.destroy();
    });
  });
}

function greeting(): Buffer {
  const capabilities = 0x00ffffff;
  const low = Buffer.alloc(2);
  low.writeUInt16LE(capabilities & 0xffff);
  const high = Buffer.alloc(2);
  high.writeUInt16LE((capabilities >>> 16) & 0xffff);
  const payload = Buffer.concat([
    Buffer.from([10]),
    Buffer.from('8.0.30\0'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('12345678\0'),
    low,
    Buffer.from([45, 2, 0]),
    high,
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('123456789012\0'),
    Buffer.from('mysql_native_password\0'),
  ]);
  return Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), payload]);
}

async function witness(serve: (socket: Socket, heard: (what: Heard) => void) => void): Promise<TlsWitness> {
  const heard: Heard[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket, (what) => heard.push(what));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
