import { createConnections, HotlineError, type ConnectionRegistry } from 'hotline';
import { Subject } from 'rxjs';
import { Clock } from '../registry/support/clock.ts';
import type { Chance } from './chance.ts';
import { HeldLeases } from './held-leases.ts';
import { LiveUsers } from './live-users.ts';
import { ModelFile } from './model-file.ts';
import { modelKind, ModelServer, type Network } from './model-server.ts';
import { kept, names, textOf, type Kept, type Name, type Settings } from './settings.ts';
import type { Call, Handle } from './uses.ts';

/** How long after the end of a fault of a server an opening that began in it may still fail. */
const aftermath = 6000;

const each = (value: number): Record<Name, number> => ({ p: value, q: value, r: value });

/** Everything that is not hotline's, by one seed, and the rules that hotline is held to. */
export class World implements Network {
  readonly clock = new Clock(1);
  readonly chance: Chance;
  readonly servers = [new ModelServer('A'), new ModelServer('B')] as const;
  readonly hosts: Map<string, ModelServer>;
  readonly settings: Settings;
  readonly kept: Kept;
  readonly files: readonly [ModelFile, ModelFile];
  readonly hot: ConnectionRegistry;
  readonly kinds;
  readonly violations: string[] = [];
  readonly log: string[] = [];
  calls = 0;
  failed = 0;
  pending = 0;
  readonly handles: Partial<Record<Name, Handle>> = {};
  /** The leases that users hold by hand. */
  readonly leases: HeldLeases;
  readonly live = new LiveUsers(this);
  /** What the rows of a `live$` show; it changes under them. */
  data = 1;
  readonly changed$ = new Subject<void>();
  /** The table of some of them is gone. */
  dropped = false;
  closing = false;
  /** How often the settings of each were changed, or may have seemed to be. */
  readonly changes = each(0);
  readonly #told = each(0);
  readonly #ready = each(0);
  /** Since when each serves; `Infinity` while it does not. */
  readonly #serves = each(Infinity);
  #hard = -Infinity;
  readonly #soft = each(-Infinity);
  readonly #torn = each(-Infinity);
  readonly #cutAt: Partial<Record<Name, number>> = {};
  #mark = 0;
  readonly #passwords = new Set<string>();

  constructor(seed: number, numbers: Chance) {
    this.chance = numbers;
    const [a, b] = this.servers;
    this.hosts = new Map([
      ['db', a],
      ['a', a],
      ['b', b],
    ]);
    for (const user of ['ann', 'ben']) this.alter(user, `first_${user}`);
    const setting = (host: string) => ({ host, user: 'ann', password: 'first_ann', version: 1 });
    this.settings = { p: setting('db'), q: setting('a'), r: setting('b') };
    this.kept = kept(this.chance);
    this.leases = new HeldLeases(this);
    const file = (number: 0 | 1) => new ModelFile(this.clock, `file${number}.toml`, this.text(number));
    this.files = [file(0), file(1)];
    const kinds = { model: modelKind(this, true), single: modelKind(this, false) };
    this.kinds = kinds;
    this.hot = createConnections({
      sources: this.files.map(({ source }) => source),
      types: { model: kinds.model.ModelConnection, single: kinds.single.ModelConnection },
      scheduler: this.clock,
      instance: `seed ${seed}`,
      root: '/',
    });
    this.#watch();
  }

  get drainTimeout(): number {
    return this.kept.drainTimeout;
  }

  /** No half of its section was read within the last second. */
  readonly whole = (name: Name): boolean => this.#torn[name] < this.now;

  /** Half of its section may be read until then. */
  torn(name: Name, until = Infinity): void {
    this.#torn[name] = until;
  }

  get now(): number {
    return this.clock.frame - 1_000_000;
  }

  readonly leasesCut = (name: string): boolean => this.#cutAt[name as Name] === this.now;

  readonly trace = (what: string): void => void this.log.push(`${this.now} ${what}`);

  readonly broken = (rule: string): void => {
    this.trace(`BROKEN: ${rule}`);
    this.violations.push(`${rule} (at ${this.now})`);
  };

  readonly hold = (holds: unknown, rule: string): void => {
    if (!holds) this.broken(rule);
  };

  books(name: Name) {
    return this.kinds[name === 'q' ? 'single' : 'model'].books(name);
  }

  readonly kindOf = (name: Name) => this.kinds[name === 'q' ? 'single' : 'model'].ModelConnection;

  /** The data changes, and the servers notify of it. */
  touch(): void {
    this.data++;
    this.changed$.next();
  }

  /** A holder has said that this instance is broken: who asks from now on gets a later one. */
  brokenBy(name: Name, number: number): void {
    this.#ready[name] = Math.max(this.#ready[name], number + 1);
  }

  /** A stream of connections fails before its first value alone, where a first opening may fail. */
  streamFailed(name: Name): (error: unknown) => void {
    return (error) => {
      const may = this.#hard >= this.now || this.#soft[name] >= this.now;
      this.hold(may && this.#ready[name] === 0, `the stream of ${name} failed: ${(error as HotlineError).message}`);
    };
  }

  /** The end of all faults: whole files, servers that answer, passwords that are right. */
  heal(): void {
    for (const server of this.servers) server.turn('up');
    for (const name of names) this.alter(this.settings[name].user, this.settings[name].password);
    for (const file of [0, 1] as const) this.save(file);
  }

  readonly sleep = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => this.clock.schedule(() => resolve(), milliseconds));

  /** Sets a password on every server. */
  alter(user: string, password: string): void {
    this.#passwords.add(password);
    for (const server of this.servers) server.passwords.set(user, password);
  }

  text(file: 0 | 1): string {
    return textOf(file, this.settings, this.kept, ++this.#mark);
  }

  /** From now until so long after `over`, calls may fail: a server is at fault. */
  hard(until = Infinity): void {
    this.#hard = until === Infinity ? until : until + aftermath;
  }

  /** A call may fail where nothing serves: what was saved does not work yet. */
  soft(name: Name, until = Infinity): void {
    this.#soft[name] = until === Infinity ? until : until + aftermath;
  }

  begin(name: Name, what: string, once: boolean): Call {
    this.calls++;
    this.pending++;
    const sessions = this.books(name).sessions.filter(({ closed }) => !closed);
    return { name, what, once, began: this.now, ready: this.#ready[name], sessions };
  }

  /** The end of a call, held against the contract. */
  ended(
    { name, what, once, began, ready, sessions }: Call,
    answer: { number: number } | undefined,
    error?: unknown,
  ): void {
    this.pending--;
    if (answer)
      this.hold(answer.number >= ready, `${what} of ${name} went to ${answer.number}, and ${ready} was ready`);
    if (error === undefined) return;
    const failed = error as HotlineError;
    const said = `${what} of ${name}, begun at ${began}, failed: ${failed.code} ${failed.message}`;
    this.trace(said);
    this.failed++;
    if (!(error instanceof HotlineError)) return this.broken(`no HotlineError: ${said}`);
    for (const password of this.#passwords) this.hold(!said.includes(password), `a password is told: ${said}`);
    if (this.#hard >= began || failed.code === 'closed') return;
    if (this.#soft[name] >= began && !(this.#serves[name] < began)) return;
    if (failed.code === 'lease_aborted' && this.now - began >= this.kept.drainTimeout) return;
    const since = [
      ...sessions,
      ...this.books(name)
        .sessions.filter((each) => !sessions.includes(each))
        .slice(-3),
    ];
    const lost = since.filter((each) => each.lost).length;
    // A read is sent three times.
    if (failed.code === 'connection_lost' && lost >= 3) return;
    if (once && (lost > 0 || since.some(({ server }) => server.readOnly)) && failed.category === 'transient') return;
    this.broken(said);
  }

  #watch(): void {
    const { hot } = this;
    hot.events$.subscribe((event) => {
      const name = 'connection' in event ? (event.connection as Name) : undefined;
      const detail = 'generation' in event ? ` ${event.generation}` : '';
      const why =
        'reason' in event ? ` ${event.reason}` : 'error' in event && event.error ? ` ${event.error.code}` : '';
      this.trace(`${event.type} ${name ?? ''}${detail}${why}`);
      if (event.type === 'lease.aborted' && name) this.#cutAt[name] = this.now;
      if (event.type === 'config.changed' && name) this.#told[name]++;
      if (event.type === 'instance.ready' && name) {
        this.#ready[name] = Math.max(this.#ready[name], this.books(name).latest);
        this.leases.ready(name, event.generation);
      }
      if (event.type === 'instance.retired' && name) this.leases.retired(name, event.generation);
      for (const password of this.#passwords)
        this.hold(!JSON.stringify(event).includes(password), `an event tells a password: ${event.type}`);
    });
    hot.secrets$.subscribe((secrets) => {
      for (const file of [0, 1])
        this.hold(
          secrets.get(`first${file}.mark`) === secrets.get(`last${file}.mark`) || !secrets.has(`last${file}.mark`),
          `a snapshot has half of one save (${secrets.get(`first${file}.mark`, 'none')}) and half of another (${secrets.get(`last${file}.mark`, 'none')})`,
        );
    });
    for (const name of names)
      hot.status$(name).subscribe(({ state }) => {
        const serves = state === 'ready' || state === 'replacing' || state === 'degraded';
        if (!serves) this.#serves[name] = Infinity;
        else if (this.#serves[name] === Infinity) this.#serves[name] = this.now;
      });
    for (const file of this.files) file.start();
  }

  /** After the last fault: everything is as the last config says, and nothing is left over. */
  async verify(): Promise<void> {
    for (let times = 0; times < 3; times++) {
      this.touch();
      await this.sleep(this.chance.int(1, 8));
    }
    for (const name of names) {
      const { host, user, version } = this.settings[name];
      const server = this.hosts.get(host)!.name;
      const handle = await this.hot.connection(name, { type: this.kindOf(name) });
      // What moved away is found by a write: the server that only reads since then refuses it.
      await handle.execute('fast').catch(() => undefined);
      const [row] = await handle.query('fast');
      const found = { ...row, number: 0 };
      this.hold(
        JSON.stringify(found) === JSON.stringify({ server, user, version, number: 0 }),
        `${name} has not converged: ${JSON.stringify(found)}, and the config says ${server} ${user} ${version}`,
      );
      this.hold(
        this.#told[name] <= this.changes[name] + 1,
        `${name} changed ${this.#told[name]} times, not ${this.changes[name]}`,
      );
    }
  }

  verifyDrained(): void {
    for (const name of names) {
      const { open, listeners } = this.books(name);
      this.hold(listeners === 0, `${name} is listened to at rest`);
      // What has a ttl may be about to be replaced.
      this.hold(open <= (name === 'r' ? 2 : 1), `${open} instances of ${name} are open at rest`);
      this.hold(this.hot.stats(name).leases === 0, `${name} has leases at rest`);
    }
  }

  verifyClosed(): void {
    for (const name of names) {
      const { opened, closed, opening, held } = this.books(name);
      this.hold(held === 0, `${held} connections of ${name} were never given back by their session`);
      this.hold(opened === closed, `${name}: ${opened} opened, ${closed} closed`);
      this.hold(opening === 0, `${name}: ${opening} still opening after close()`);
    }
    this.hold(this.leases.count === 0, `${this.leases.count} leases were never given back`);
    this.hold(this.pending === 0, `${this.pending} calls never ended`);
    this.hold(this.clock.timers === 0, `${this.clock.timers} timers are left after close()`);
  }

  save(file: 0 | 1): void {
    this.files[file].rename(this.text(file));
  }

  /** A change of the settings of one connection, which is saved by somebody else. */
  change(name: Name, what: Partial<Settings[Name]>): void {
    const setting = this.settings[name];
    Object.assign(setting, what, { version: setting.version + 1 });
    this.changes[name]++;
  }
}
