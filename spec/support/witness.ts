import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { jest } from '@jest/globals';
import { type Observable, Subscription } from 'rxjs';
import type { BaseConnection, ConnectionOptions, ConnectionRegistry } from '../../src/index.ts';
import { said } from '../secrets/printed.ts';

/** Each has a mark that survives every spelling: percent-encoding, JSON, quoting, cutting short. */
export class Plants {
  count = 0;

  /** A secret around a mark of its own. */
  grow(around: (mark: string) => string = (mark) => mark): string {
    this.count += 1;
    return around(`plant${String(this.count).padStart(2, '0')}q7Zk`);
  }
}

/** The marks, plain, in base64 at each of its three alignments, and in hexadecimal. */
const marks = /.{0,60}(?:plant\d\d|cGxhbnQ|BsYW50|wbGFudD|706c616e74).{0,20}/gi;

/** Where a planted secret stands in a text; the first place of each. */
export function found(text: string): string[] {
  const places = (text.match(marks) ?? []).map((place) => [/plant\d\d/i.exec(place)?.[0] ?? place, place] as const);
  return [...new Map(places.reverse()).values()];
}

const channels = ['hotline:open', 'hotline:lease', 'hotline:query'];

/** Hears all that leaves a registry: streams, channels, consoles, warnings of the process, and what it is shown. */
export class Witness {
  text = '';
  readonly #heard = new Subscription();

  constructor() {
    const hear = (message: unknown): void => this.see(message);
    for (const name of channels) {
      subscribe(name, hear);
      this.#heard.add(() => void unsubscribe(name, hear));
    }
    process.on('warning', hear);
    this.#heard.add(() => void process.off('warning', hear));
    for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
      const spy = jest.spyOn(console, method).mockImplementation((...args: unknown[]) => args.forEach(hear));
      this.#heard.add(() => spy.mockRestore());
    }
    for (const stream of [process.stdout, process.stderr]) {
      const spy = jest.spyOn(stream, 'write').mockImplementation((chunk) => (hear(String(chunk)), true));
      this.#heard.add(() => spy.mockRestore());
    }
  }

  /** A value that somebody was given: as it prints, and for errors and plain data, with all that can be got out of it. */
  see(value: unknown): void {
    this.text += said(value);
    const deep = { depth: null, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null };
    this.text += inspect(value, deep) + (value instanceof Error ? `${value.message}${value.stack}` : '');
  }

  registry(hot: ConnectionRegistry): void {
    const see = { next: (value: unknown) => this.see(value), error: (error: unknown) => this.see(error) };
    const told: readonly Observable<unknown>[] = [hot.events$, hot.sources$, hot.connections$];
    for (const stream$ of told) this.#heard.add(stream$.subscribe(see));
    this.#heard.add(hot.secrets$.subscribe((secrets) => (this.text += said(secrets, secrets.get('connections')))));
    this.text += said(hot);
  }

  async connection(hot: ConnectionRegistry, name: string, options?: ConnectionOptions): Promise<void> {
    this.#heard.add(hot.status$(name, options).subscribe((status) => this.see(status)));
    await this.failing(() => hot.connection(name, options));
    this.see(hot.stats(name, options));
  }

  handle(handle: BaseConnection<unknown>): void {
    this.text += said(handle, { handle: [handle] }, handle.describe());
    this.see(handle.describe());
  }

  /** Runs what is to fail; the error is seen. */
  async failing(run: () => unknown): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.see(error);
      return;
    }
    throw new Error('It did not fail.');
  }

  end(): string[] {
    this.#heard.unsubscribe();
    return found(this.text);
  }
}
