import { AbandonedError } from './failures.ts';

/** Whether the server answers for the session. */
export type Alive = () => Promise<boolean>;

/** What is watched over. */
export interface Watched {
  heard(): void;
  stop(reason: unknown): void;
}

/** Milliseconds between two questions, and for one answer. */
const pace = 1000;
/** Questions without an answer, after which the server is gone. */
const misses = 2;

/**
 * Where the driver's requests cannot be reached, nobody sees whether they are answered, and the driver repeats them for
 * minutes: while a call waits, the session is asked whether it lives. Ends when what it returns is called.
 */
export function watchOver(call: Watched, alive: Alive, every = pace): () => void {
  const over = new AbortController();
  void watch(call, alive, every, over.signal);
  return () => over.abort();
}

async function watch(call: Watched, alive: Alive, every: number, over: AbortSignal): Promise<void> {
  for (let missed = 0; missed < misses;) {
    await pause(every, over);
    if (over.aborted) return;
    const lives = await Promise.race([alive().catch(() => false), pause(every, over).then(() => false)]);
    if (over.aborted) return;
    missed = lives ? 0 : missed + 1;
    if (lives) call.heard();
  }
  call.stop(new AbandonedError('the server does not answer for the session any more'));
}

function pause(delay: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delay);
    over.addEventListener('abort', done, { once: true });
  });
}
