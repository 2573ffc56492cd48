import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** How many connections are open now, and how many there ever were. */
  readonly open: number;
  readonly accepted: number;
  /** Ends every connection now, politely (FIN). */
  cut(): void;
  /** Resets every connection now (RST). */
  reset(): void;
  /** From now on every byte arrives this many milliseconds later. `0`: no delay. */
  delay(milliseconds: number): void;
  /** From now on nothing goes through and nothing is closed, as if a cable had been pulled. */
  freeze(): void;
  /** Nothing goes through the connections of now any more, and nothing closes them; newcomers are served. */
  halfOpen(): void;
  /** Bytes go through again; what was held back while frozen is delivered. */
  thaw(): void;
  /** Resets the next connection once so many bytes of the server, or of the client, have gone through it. */
  cutAfter(bytes: number, of: 'server' | 'client'): void;
  /** Nothing is cut by bytes any more, neither what is connected nor who comes next. */
  cutNothing(): void;
  /** Refuses newcomers: they are accepted and reset at once. `accept()` ends it. */
  refuse(): void;
  accept(): void;
  /** Sends newcomers to another server from now on. */
  target(port: number, host?: string): void;
  close(): Promise<void>;
}

/** A proxy between a client and a server of the spec, with every fault that a network has. */
export async function startTcpProxy(port: number, host = '127.0.0.1'): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let to = { port, host };
  let latency = 0;
  let frozen = false;
  let refusing = false;
  let accepted = 0;
  let cutting: { left: number; of: 'server' | 'client' } | undefined;
  const cuts = new Set<{ left: number }>();
  const held: (() => void)[] = [];
  const stalled = new WeakSet<Socket>();

  const forward = (from: Socket, into: Socket, cut: { left: number } | undefined, reset: () => void): void => {
    const pass = (act: () => void): void => {
      if (stalled.has(from)) return;
      if (frozen) held.push(act);
      else if (latency > 0) setTimeout(act, latency);
      else act();
    };
    from.on('data', (chunk: Buffer) => {
      if (!cut || chunk.length < cut.left) {
        if (cut) cut.left -= chunk.length;
        return pass(() => void (into.writable && into.write(chunk)));
      }
      // What is before the cut arrives, so that it is the byte after it that is missed.
      if (cut.left === 0 || !into.writable) return reset();
      into.write(chunk.subarray(0, cut.left), () => into.end(() => setImmediate(reset)));
    });
    from.on('end', () => pass(() => into.end()));
    from.on('close', () => pass(() => into.destroy()));
    from.on('error', () => into.destroy());
  };

  const server = createServer((client) => {
    accepted += 1;
    if (refusing) return void client.on('error', () => undefined).resetAndDestroy();
    const upstream = connect(to);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const socket of pair) socket.setNoDelay(true).on('close', () => pairs.delete(pair));
    const cut = cutting;
    cutting = undefined;
    const reset = (): void => pair.forEach((socket) => void socket.resetAndDestroy());
    forward(client, upstream, cut?.of === 'client' ? cut : undefined, reset);
    forward(upstream, client, cut?.of === 'server' ? cut : undefined, reset);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const each = (act: (socket: Socket) => void): void => {
    for (const pair of pairs) for (const socket of pair) act(socket);
  };
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    get open() {
      return pairs.size;
    },
    get accepted() {
      return accepted;
    },
    cut: () => each((socket) => socket.end(() => socket.destroy())),
    reset: () => each((socket) => socket.resetAndDestroy()),
    delay: (milliseconds) => void (latency = milliseconds),
    freeze: () => void (frozen = true),
    halfOpen: () => each((socket) => stalled.add(socket)),
    thaw: () => {
      frozen = false;
      for (const act of held.splice(0)) act();
    },
    cutAfter(left, of) {
      cutting = { left, of };
      cuts.add(cutting);
    },
    cutNothing() {
      cutting = undefined;
      for (const cut of cuts) cut.left = Infinity;
      cuts.clear();
    },
    refuse: () => void (refusing = true),
    accept: () => void (refusing = false),
    target: (newPort, newHost = '127.0.0.1') => void (to = { port: newPort, host: newHost }),
    close: () => {
      each((socket) => socket.destroy());
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
