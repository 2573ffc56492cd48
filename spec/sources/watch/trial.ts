import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { filter, firstValueFrom, map, startWith, Subject, timeout } from 'rxjs';
import type { Contents } from '../../../src/sources/watch/contents.ts';
import { watchPath$ } from '../../../src/sources/watch/watch-path.ts';
import { versionOf, type Order, type Scenario } from './scenarios.ts';

/** What came of a scenario. Latencies are milliseconds from the end of the write to the new content. */
export interface Result {
  readonly name: string;
  readonly changes: number;
  readonly missed: number;
  /** Contents that were accepted though they were not whole, while the writer kept its pauses short. */
  readonly partial: number;
  readonly latencies: readonly number[];
}

interface Seen {
  readonly at: number;
  readonly version: number | 'missing' | undefined;
}

const settle = 60;
/** Far beyond anything that is not a miss; nothing is polled meanwhile. */
const deadline = 4_000;
const never = 2 ** 31 - 1;
const now = () => performance.timeOrigin + performance.now();

/** Tells whether this user may mount. */
export async function mayMount(): Promise<boolean> {
  const root = await mkdtemp(join(tmpdir(), 'hotline-mount-'));
  const run = promisify(execFile);
  try {
    await run('mount', ['--bind', root, root]);
    await run('umount', [root]);
    return true;
  } catch {
    return false;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Milliseconds within which a share of the changes was seen. */
export function within({ latencies }: Result, share: number): number {
  const sorted = [...latencies].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Lets a process of its own change files as the scenario says, the next time 15 ms after the last was seen. */
export async function tryOut(scenario: Scenario, writerPath: string): Promise<Result> {
  const root = await mkdtemp(join(tmpdir(), 'hotline-watch-'));
  const writer = fork(writerPath, { stdio: 'inherit', execArgv: [] });
  for (const order of scenario.before?.(root) ?? []) await ask(writer, order);

  const seen = new Subject<Seen>();
  const all: Seen[] = [];
  const path = join(root, scenario.watched);
  const subscription = watchPath$(path, { settle, usePolling: false, poll: never }).subscribe((contents) => {
    const one = { at: now(), version: judge(contents) };
    all.push(one);
    seen.next(one);
  });
  const see = (version: Seen['version'], since: number) =>
    firstValueFrom(
      seen.pipe(
        startWith(undefined),
        map(() => all.slice(since).find((one) => one.version === version)),
        filter((one) => one !== undefined),
        timeout(deadline),
      ),
    ).catch(() => undefined);

  const latencies: number[] = [];
  let missed = 0;
  let partial = 0;
  // Whoever starts to watch needs a moment until the operating system tells him.
  await sleep(300);
  for (let version = 1; version <= scenario.times; version += 1) {
    if (scenario.away) {
      await ask(writer, scenario.away(root));
      if (all.at(-1)?.version !== 'missing') await see('missing', all.length);
      await sleep(15);
    }
    const since = all.length;
    const { at, pause } = await ask(writer, scenario.change(root, version));
    const found = await see(version, since);
    if (found) latencies.push(Math.max(0, found.at - at));
    else missed += 1;
    if (pause < settle - 5) partial += all.slice(since).filter((one) => one.version === undefined).length;
    await sleep(15);
  }
  subscription.unsubscribe();
  if (scenario.after) await ask(writer, scenario.after(root));
  writer.disconnect();
  await rm(root, { recursive: true, force: true });
  return { name: scenario.name, changes: scenario.times, missed, partial, latencies };
}

async function ask(writer: ChildProcess, order: Order): Promise<{ at: number; pause: number }> {
  writer.send(order);
  const [answer] = (await once(writer, 'message')) as [{ at: number; pause: number }];
  return answer;
}

/** Which version is there; a mount has one version only when all of its files have the same. */
function judge(contents: Contents): Seen['version'] {
  if (contents.kind === 'missing') return 'missing';
  if (contents.kind === 'unreadable') return undefined;
  const versions = [...contents.files.values()].map(({ bytes }) => versionOf(Buffer.from(bytes).toString()));
  return versions.every((version) => version === versions[0]) ? versions[0] : undefined;
}

/** A row of the table that `watching.md` has. */
export function row(result: Result): Record<string, string | number> {
  const { name, changes, missed, partial } = result;
  const at = (share: number) => within(result, share).toFixed(1);
  return { scenario: name, changes, missed, partial, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
