import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './postgres.ts';

/** An etcd of the spec's own, which can be killed and started. */
export interface Etcd {
  readonly port: number;
  /** Sets the text of a key; `undefined` takes it away. */
  put(key: string, text: string | undefined): Promise<void>;
  /** Forgets all revisions but the last. */
  compact(): Promise<void>;
  /** Starts it on the store that it had. */
  start(): Promise<void>;
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>;
  /** Ends it and takes its store away. */
  close(): Promise<void>;
}

/** A real etcd on loopback. Fails when there is none to be started: Debian has it as `etcd-server`. */
export async function startEtcd(): Promise<Etcd> {
  const [port, peers] = [await freePort(), await freePort()];
  const store = await mkdtemp(join(tmpdir(), 'hotline-etcd-'));
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const reap = (): unknown => child?.kill('SIGKILL');
  process.once('exit', reap);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const ask = async (path: string, body: object): Promise<{ header: { revision: string } }> => {
    const response = await fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd answered ${response.status} to ${path}`);
    return (await response.json()) as { header: { revision: string } };
  };
  const etcd: Etcd = {
    port,
    async put(key, text) {
      if (text === undefined) await ask('/v3/kv/deleterange', { key: base64(key) });
      else await ask('/v3/kv/put', { key: base64(key), value: base64(text) });
    },
    async compact() {
      const { header } = await ask('/v3/kv/range', { key: base64('any') });
      await ask('/v3/kv/compaction', { revision: header.revision, physical: true });
    },
    async start() {
      const peer = `http://127.0.0.1:${peers}`;
      const places = {
        'data-dir': join(store, 'data'),
        'listen-client-urls': url,
        'advertise-client-urls': url,
        'listen-peer-urls': peer,
        'initial-advertise-peer-urls': peer,
        'initial-cluster': `default=${peer}`,
      };
      const flags = Object.entries(places).map(([name, value]) => `--${name}=${value}`);
      const started = spawn(process.env['HOTLINE_TEST_ETCD'] ?? '/usr/bin/etcd', flags, { stdio: 'ignore' });
      child = started;
      let missing: Error | undefined;
      started.once('error', (cause) => (missing = new Error('no etcd', { cause })));
      for (;;) {
        try {
          // A range is answered once there is a leader.
          await ask('/v3/kv/range', { key: base64('any') });
          return;
        } catch (error) {
          if (missing) throw missing;
          if (started.exitCode !== null) throw error;
          await sleep(20);
        }
      }
    },
    async kill() {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await ended;
    },
    async close() {
      await etcd.kill();
      process.off('exit', reap);
      await rm(store, { recursive: true, force: true });
    },
  };
  await etcd.start();
  return etcd;
}
