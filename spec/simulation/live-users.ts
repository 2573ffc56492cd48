import { HotlineError, type LiveOptions } from 'hotline';
import { catchError, defer, EMPTY, retry, Subscription, switchMap, take, tap, throwError, timer } from 'rxjs';
import type { Handle } from './uses.ts';
import type { Name } from './settings.ts';
import type { World } from './world.ts';

interface Row extends Record<string, unknown> {
  readonly value: number;
  readonly version: number;
}

/** One subscriber of a `live$`. */
interface LiveUser {
  readonly name: Name;
  readonly sql: 'live' | 'doomed';
  /** It hears of a change of the data too, not only of a new instance. */
  readonly hears: boolean;
  /** It asks at an interval. */
  readonly asks: boolean;
  last: Row | undefined;
  ended: boolean;
}

/** Those who look at rows that change, and the rules for what they see. */
export class LiveUsers {
  readonly #world: World;
  readonly #users: LiveUser[] = [];
  readonly #all = new Subscription();

  constructor(world: World) {
    this.#world = world;
  }

  follow(name: Name): void {
    const { chance, changed$ } = this.#world;
    const refresh = chance.one<LiveOptions['refresh']>([undefined, '300ms', { channel: 'changes' }, changed$]);
    const sql = chance.maybe(25) ? 'doomed' : 'live';
    const user: LiveUser = {
      name,
      sql,
      hears: refresh !== undefined,
      asks: refresh === '300ms',
      last: undefined,
      ended: false,
    };
    this.#users.push(user);
    this.#all.add(this.#rows$(user, refresh).subscribe());
  }

  /** After the last fault, and long enough after the last change. */
  verify(): void {
    const { hold, data, settings, dropped, hot } = this.#world;
    for (const { name, sql, hears, asks, last, ended } of this.#users) {
      // What has a ttl may be asked again at any moment.
      if (!asks && name !== 'r') hold(hot.stats(name).leases === 0, `live$ of ${name} holds a lease while it waits`);
      const doomed = sql === 'doomed' && dropped;
      if (doomed && hears) hold(ended || !last, `live$ of ${name} goes on without its table`);
      if (doomed) continue;
      const { version } = settings[name];
      hold(last?.version === version, `live$ of ${name} shows version ${last?.version}, not ${version}`);
      if (hears) hold(last?.value === data, `live$ of ${name} shows ${last?.value}, not ${data}`);
    }
  }

  leave(): void {
    this.#all.unsubscribe();
    for (const [name, handle] of Object.entries(this.#world.handles))
      this.#world.hold(handle.liveQueries().length === 0, `${name} lists a live$ that nobody looks at`);
  }

  #rows$(user: LiveUser, refresh: LiveOptions['refresh']) {
    const { hot, clock, kindOf, trace, hold } = this.#world;
    const { name, sql } = user;
    return defer(() => hot.connection$(name, { type: kindOf(name) })).pipe(
      take(1),
      switchMap((handle: Handle) => handle.live$<Row>(sql, { refresh })),
      tap({
        next: ([row]) => {
          trace(`live$ of ${name}: ${row?.value} v${row?.version}`);
          user.last = row;
        },
        complete: () => hold(this.#world.closing, `live$ of ${name} completed`),
      }),
      catchError((error: unknown) => {
        if (!user.last) return throwError(() => error);
        user.ended = true;
        this.#judge(user, error);
        return EMPTY;
      }),
      // It has had no value yet: a user tries again.
      retry({ delay: () => timer(1000, clock) }),
    );
  }

  /** Once it had a value, an error of its statement alone may end it. */
  #judge({ name, sql }: LiveUser, error: unknown): void {
    const { code, category, message } = error as HotlineError;
    this.#world.trace(`live$ of ${name} ended: ${code} ${message}`);
    const mayEnd = error instanceof HotlineError && category === 'query' && sql === 'doomed' && this.#world.dropped;
    this.#world.hold(mayEnd, `live$ of ${name} ended by ${code}: ${message}`);
  }
}
