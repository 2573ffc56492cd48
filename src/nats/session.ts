import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { concatMap, firstValueFrom, NEVER, Observable, repeat, type Subscriber } from 'rxjs';
import type { SourceState } from '../index.ts';
import { openClient } from './client.ts';
import { KeyWatch, type KeyWatchOptions } from './key-watch.ts';

/** Emits once after so many milliseconds, by a timer that does not keep the process alive. */
export function pause$(milliseconds: number): Observable<void> {
  return new Observable((subscriber) => {
    const timer = setTimeout(() => {
      subscriber.next();
      subscriber.complete();
    }, milliseconds).unref();
    return () => clearTimeout(timer);
  });
}

/** The key to read, and the client. */
interface SessionOptions extends Pick<KeyWatchOptions, 'key' | 'label' | 'optional' | 'failed'> {
  readonly connect: NodeConnectionOptions;
  readonly bucket: string;
  /** Milliseconds. */
  readonly poll: number;
  /** Receives the function that reads the key again, while there is a client. */
  readonly onLook: (look: () => Promise<void>) => void;
}

/** Milliseconds for a last word with the server. */
const drainTimeout = 1000;

/** The states of a key over the life of one client; errors when there is no client, or no longer. */
export function session$(options: SessionOptions): Observable<SourceState> {
  return new Observable((subscriber) => {
    begin(options, subscriber).catch((error: unknown) => subscriber.error(error));
  });
}

async function begin(options: SessionOptions, subscriber: Subscriber<SourceState>): Promise<void> {
  const { nats, Kvm } = await openClient(options.connect);
  // Whoever left while it was being opened leaves no client behind.
  if (subscriber.closed) return nats.close();
  subscriber.add(() => void leave(nats));
  void nats.closed().then((error) => subscriber.error(error ?? new Error('the client was closed')));
  const kv = await new Kvm(nats).open(options.bucket);
  const watch = new KeyWatch({ ...options, kv, tell: (state) => subscriber.next(state) });
  const look = (): Promise<void> => watch.look();
  options.onLook(look);
  subscriber.add(() => {
    options.onLook(() => Promise.resolve());
    watch.stop();
  });
  void lookOnReconnect(nats, () => watch.lookAgain());
  await look();
  const pause = options.poll === Infinity ? NEVER : pause$(options.poll);
  subscriber.add(
    pause
      .pipe(
        concatMap(() => watch.poll()),
        repeat(),
      )
      .subscribe(),
  );
}

/** A client whose server is away would drain for ever. */
async function leave(nats: NatsConnection): Promise<void> {
  await Promise.race([nats.drain().catch(() => undefined), firstValueFrom(pause$(drainTimeout))]);
  await nats.close();
}

/** The status of a client that has closed just ends. */
async function lookOnReconnect(nats: NatsConnection, look: () => Promise<void>): Promise<void> {
  for await (const { type } of nats.status()) if (type === 'reconnect') void look();
}
