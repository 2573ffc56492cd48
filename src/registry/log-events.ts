import type { Subscription } from 'rxjs';
import { ConfigError, readable } from '../errors/index.ts';
import type { ConnectionEvent } from './events.ts';
import type { ConnectionRegistry } from './surface.ts';

/**
 * A logger: `console`, or one of pino, winston or Nest. Each method is called with one line of text. Without `info`, `log` is
 * called; without `debug`, the lines of that level are left out.
 */
export type EventLogger = {
  /** Takes the steps between: an instance is being opened, or was closed. */
  debug?(line: string): unknown;
  /** Takes what stops nothing: a warning (a notice of a server goes to `info`), a source that is missing, a lease that was cut, an instance that had to be abandoned. */
  warn(line: string): unknown;
  /** Takes failures: a source that cannot be used, an instance that cannot be opened. */
  error(line: string): unknown;
} & (
  | {
      /** Takes what a user waits for: an instance serves, a config changed. */
      info(line: string): unknown;
    }
  | {
      /** Takes the same, where there is no `info`, as in Nest. */
      log(line: string): unknown;
    }
);

type Level = 'debug' | 'info' | 'warn' | 'error';

/**
 * Writes each event of a registry to a logger as one line, by its severity: `debug`, `info`, `warn` or `error`. No secret is
 * in it. It opens nothing, begins with the next event, and ends with `close()` of the registry, or with `unsubscribe()` of what it returns. A
 * logger that throws loses that line and nothing else.
 *
 * @throws ConfigError `invalid_argument` when the logger lacks `warn`, `error`, or both `info` and `log`.
 * @example
 * logEvents(hot, console); // or pino(), winston.createLogger(…), new Logger('hotline') of Nest
 */
export function logEvents(hot: Pick<ConnectionRegistry, 'events$'>, logger: EventLogger): Subscription {
  const methods = readable(undefined, () => methodsOf(logger));
  return hot.events$.subscribe((event) => {
    const [level, line] = described(event);
    const method = methods[level];
    if (method === undefined) return;
    try {
      // One line an event: what a message quotes cannot begin a line of its own.
      (logger as Record<string, (line: string) => unknown>)[method]!(line.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '));
    } catch {
      // Thrown in a subscriber, it would end the process.
    }
  });
}

/** The name of the method for each level; the methods themselves are read at each call, since a logger may change its level. */
function methodsOf(logger: EventLogger): Record<Level, string | undefined> {
  const has = (name: string): boolean => typeof (logger as Record<string, unknown> | undefined)?.[name] === 'function';
  const info = ['info', 'log'].find(has);
  if (!info || !has('warn') || !has('error'))
    throw new ConfigError(
      'invalid_argument',
      'logEvents: expected a logger with the methods info (or log), warn and error, such as console.',
    );
  return { debug: has('debug') ? 'debug' : undefined, info, warn: 'warn', error: 'error' };
}

function described(event: ConnectionEvent): readonly [Level, string] {
  switch (event.type) {
    case 'source.loaded':
      return ['info', `source ${event.source}: loaded`];
    case 'source.missing':
      return event.error
        ? ['warn', `source ${event.source}: missing: ${reason(event.error)}`]
        : ['debug', `source ${event.source}: missing, which it may be`];
    case 'source.failed':
      return ['error', `source ${event.source}: failed: ${reason(event.error)}`];
    case 'config.changed':
      return ['info', about(event, `its settings have changed: ${event.settings.join(', ')}`)];
    case 'instance.opening':
      return ['debug', about(event, `instance ${event.generation} is being opened`)];
    case 'instance.ready':
      return ['info', about(event, `instance ${event.generation} is ready`)];
    case 'instance.failed':
      return ['error', about(event, `instance ${event.generation} failed: ${reason(event.error)}`)];
    case 'instance.retired':
      return ['info', about(event, `instance ${event.generation} is retired (${event.reason})`)];
    case 'instance.closed':
      return event.error
        ? ['warn', about(event, `instance ${event.generation} was abandoned: ${reason(event.error)}`)]
        : ['debug', about(event, `instance ${event.generation} is closed`)];
    case 'lease.aborted':
      return ['warn', about(event, `a lease was cut: ${reason(event.error)}`)];
    case 'warning':
      return [event.code === 'server_notice' ? 'info' : 'warn', about(event, `${event.message} [${event.code}]`)];
  }
}

function about(event: { readonly id?: string; readonly source?: string }, what: string): string {
  if (event.id !== undefined) return `connection ${event.id}: ${what}`;
  return event.source === undefined ? what : `source ${event.source}: ${what}`;
}

function reason({ message, code }: { readonly message: string; readonly code: string }): string {
  return `${message} [${code}]`;
}
