import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import type { Answer } from './answer.ts';
import { refused } from './answer.ts';
import type { Fault, Faults } from './faults.ts';
import type { RequestLog } from './log.ts';
import { refusal } from './refusal.ts';
import type { Call } from './routes.ts';

const compress = promisify(gzip);

/** The sockets: reads requests, lets the faults strike, writes answers. */
export class Door {
  readonly #faults: Faults;
  readonly #log: RequestLog;
  readonly #handle: (call: Call) => Promise<Answer>;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(faults: Faults, log: RequestLog, handle: (call: Call) => Promise<Answer>) {
    this.#faults = faults;
    this.#log = log;
    this.#handle = handle;
  }

  get port(): number {
    return this.#port;
  }

  /** Open now, used or idle. */
  get sockets(): number {
    return this.#sockets.size;
  }

  async listen(port: number): Promise<void> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
    server.keepAliveTimeout = 60_000;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Cuts every socket and listens no more; the port can be listened on again. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    // Node.js leaves the handle of a socket open that is reset while it ends.
    for (const socket of this.#sockets) void (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy());
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    // Of a file already the way here may be slow.
    const early = path.startsWith('/storage/') ? this.#faults.take(path, undefined) : undefined;
    const call = await read(request, this.#port, early?.trickleMs);
    const sql = call.body['sqlText'] as string | undefined;
    const fault = early ?? this.#faults.take(call.url.pathname, sql);
    const record = this.#log.add(
      call.method,
      call.url.pathname,
      sql,
      call.body['parameters'] as Record<string, unknown>,
    );
    if (fault?.delayMs !== undefined) await delay(fault.delayMs, undefined, { ref: false });
    if (fault?.hang === true) return;
    if (fault?.drop === 'before') return void request.socket.resetAndDestroy();
    const answer = forged(fault) ?? edited(await this.#handle(call), fault);
    record.status = answer.status ?? 200;
    record.code = (answer.json as { code?: string | null } | undefined)?.code ?? undefined;
    if (fault?.drop === 'after') return void request.socket.resetAndDestroy();
    if (answer.bytes && fault?.trickleMs !== undefined) return trickle(response, answer.bytes, fault.trickleMs);
    await write(response, answer, fault?.drop === 'midway');
  }
}

async function trickle(response: ServerResponse, bytes: Buffer, pause: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
  for (let from = 0; from < bytes.length; from += 65_536) {
    response.write(bytes.subarray(from, from + 65_536));
    await delay(pause, undefined, { ref: false });
  }
  response.end();
}

async function read(request: IncomingMessage, port: number, pause?: number): Promise<Call> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part as Buffer);
    if (pause !== undefined) await delay(pause, undefined, { ref: false });
  }
  let raw = Buffer.concat(parts);
  if (raw[0] === 0x1f && raw[1] === 0x8b) raw = gunzipSync(raw);
  const token = /Token="([^"]*)"/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`);
  return { method: request.method ?? 'GET', url, token, raw, body: parsed(raw.toString()) };
}

function parsed(text: string): Call['body'] {
  try {
    return JSON.parse(text) as Call['body'];
  } catch {
    return Object.fromEntries(new URLSearchParams(text));
  }
}

/** The answer a fault gives in place of the real one, if it does. */
function forged(fault: Fault | undefined): Answer | undefined {
  if (fault?.code !== undefined) {
    const answer = refused(refusal(fault.code, fault.message ?? 'injected', fault.sqlState));
    return { ...answer, status: fault.status ?? 200 };
  }
  if (fault?.status === undefined && fault?.body === undefined) return undefined;
  const { status = 200, body = '' } = fault;
  return typeof body === 'string' ? { status, text: body } : { status, json: body as object };
}

function edited(answer: Answer, fault: Fault | undefined): Answer {
  if (!fault?.edit || !answer.json) return answer;
  const copy = structuredClone(answer.json);
  fault.edit(copy as Parameters<typeof fault.edit>[0]);
  return { ...answer, json: copy };
}

async function write(response: ServerResponse, answer: Answer, cut: boolean): Promise<void> {
  const plain = answer.chunk ?? answer.text ?? JSON.stringify(answer.json);
  const squeeze = answer.chunk !== undefined;
  const body = squeeze ? await compress(plain, { level: 1 }) : (answer.bytes ?? Buffer.from(plain));
  response.writeHead(answer.status ?? 200, {
    'content-type': squeeze || answer.bytes ? 'application/octet-stream' : 'application/json',
    'content-length': body.length,
    ...(answer.location === undefined ? {} : { location: answer.location }),
    ...(squeeze ? { 'content-encoding': 'gzip' } : {}),
  });
  if (!cut) return void response.end(body);
  response.write(body.subarray(0, body.length >> 1), () => response.socket?.resetAndDestroy());
}
