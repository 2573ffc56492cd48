import type { NodeConnectionOptions } from '@nats-io/transport-node';
import {
  catchError,
  concat,
  defer,
  mergeMap,
  type Observable,
  of,
  ReplaySubject,
  retry,
  share,
  throwError,
} from 'rxjs';
import { milliseconds, type Duration, type Source, type SourceState } from '../index.ts';
import { secured, trouble, withLogin } from './client.ts';
import { pause$, session$ } from './session.ts';

/** Options of `natsKeyValue`. */
export interface NatsKeyValueOptions {
  /** The key-value bucket. It is never created: that is for those who write it. */
  readonly bucket: string;
  /** The key in it, whose value is a table in TOML or JSON. */
  readonly key: string;
  /** Options of the NATS client: `servers`, `token`, `authenticator`, `tls`, … `tls://` in `servers` means TLS or no connection, and `user:password@` or `token@` before a host is the login. Default: 127.0.0.1:4222, and it never gives up. */
  readonly connect?: NodeConnectionOptions;
  /**
   * Lets the key be missing, and NATS be away when the process starts: the source is empty then, and what it says later is
   * taken. Default: `false`.
   */
  readonly optional?: boolean;
  /** The time between two reads without a sign of a change. Default: 10 s. `0` is refused; `Infinity`: never. */
  readonly poll?: Duration;
}

/** Milliseconds before a server that was not there, or refused us, is tried again. */
const again = 1000;

/**
 * The secrets in one key of a NATS JetStream key-value bucket, for a fleet of processes. They are remote: no
 * interpolation, no module paths. The client holds the process until the registry is closed.
 *
 * @throws ConfigError `invalid_policy` when `poll` is no duration, `invalid_argument` when `tls: null` stands beside `tls://`, or
 *   when there are two logins.
 * @example
 * const secrets = natsKeyValue({ bucket: 'hotline', key: 'production', connect: { servers: 'nats.internal' } });
 * const hot = createConnections({ sources: [tomlFile('secrets.toml', { optional: true }), secrets], spread: '5s' });
 */
export function natsKeyValue(options: NatsKeyValueOptions): Source {
  const { bucket, key, optional = false } = options;
  const connect = withLogin(secured(options.connect ?? {}));
  // No time at all is as little a poll as no number is.
  const poll = milliseconds(options.poll ?? 10_000, 'poll') || milliseconds(Number.NaN, 'poll');
  const label = `nats:${bucket}/${key}`;
  const failed = (thrown: unknown): SourceState => ({
    state: 'failed',
    trust: 'remote',
    error: trouble(label, thrown, connect),
  });
  let look = (): Promise<void> => Promise.resolve();

  const onLook = (current: () => Promise<void>): void => void (look = current);
  const states$ = session$({ connect, bucket, key, label, optional, poll, failed, onLook }).pipe(
    catchError((error: unknown) =>
      concat(
        of(failed(error)),
        throwError(() => error),
      ),
    ),
    retry({ delay: () => pause$(again) }),
    share({ connector: () => new ReplaySubject(1) }),
  );
  return Object.assign(optional ? emptyAtFirst$(states$) : states$, { label, look: () => look() });
}

/** The same states; where the first one is a failure, one before it says that nothing is there, so that nobody waits for the source. */
function emptyAtFirst$(states$: Observable<SourceState>): Observable<SourceState> {
  return defer(() => {
    let told = false;
    return states$.pipe(
      mergeMap((state) => {
        const nothing: SourceState[] = told || state.state !== 'failed' ? [] : [{ state: 'missing', trust: 'remote' }];
        told = true;
        return of(...nothing, state);
      }),
    );
  });
}
