import { LRUCache } from 'lru-cache';
import type { LifecycleEvent } from '../lifecycle/index.ts';
import type { SecretsEvent } from '../secrets/index.ts';

/**
 * Something that looks wrong but stops nothing; told apart by `code`.
 *
 * @inline
 */
export interface Warning {
  readonly type: 'warning';
  readonly code: string;
  readonly message: string;
}

/**
 * An event of a connection, before the registry adds the connection and the time.
 *
 * @inline
 */
export type EntryEvent =
  | LifecycleEvent
  | {
      readonly type: 'config.changed';
      /** The paths of the settings that are others, are new or are gone. */
      readonly settings: readonly string[];
    }
  | Warning;

/**
 * An event, told apart by `type`. No secret is in it. `at` is in milliseconds since the epoch.
 *
 * - `source.loaded`, `source.missing`, `source.failed`: of a source, with its label as `source`, and the `error`
 * - `config.changed`: the settings of a connection are others now, those at the paths in `settings`
 * - `instance.opening`, `instance.ready`, `instance.failed`, `instance.retired`, `instance.closed`: of the instance of a `generation`
 * - `lease.aborted`: a lease was cut
 * - `warning`: something looks wrong but stops nothing; `docs/errors.md` lists the codes
 *
 * @example
 * hot.events$.subscribe((event) => {
 *   if (event.type === 'instance.failed') log(event.connection, event.error.code);
 * });
 */
export type ConnectionEvent =
  | SecretsEvent
  | (EntryEvent & {
      /** Milliseconds since the epoch. */
      readonly at: number;
      /** The identity. */
      readonly id: string;
      /** The name. */
      readonly connection: string;
    });

/** Warnings that are remembered, so that each is said once. */
const mostRemembered = 1000;

/** Warnings of a registry whose `events$` nobody listens to: the process prints each once. */
export class UnheardWarnings {
  readonly #said = new LRUCache<string, true>({ max: mostRemembered });

  warn({ code, message }: Warning): void {
    // What a server says beside its answers (that a table exists already) is for who listens.
    if (code === 'server_notice' || this.#said.has(message)) return;
    this.#said.set(message, true);
    process.emitWarning(message, { type: 'HotlineWarning', code });
  }
}
