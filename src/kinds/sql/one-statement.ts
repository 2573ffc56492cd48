import type { Result, RunContext, Statement } from '../query/index.ts';
import type { Bound } from './binds.ts';
import { classify } from './classification.ts';
import { waitsForLock } from './engines/sqlite-locks.ts';
import type { Answered, DriverConnection, Engine } from './engine.ts';
import type { SqlPool, Stoppable } from './pool.ts';
import { waitWithin } from './refused-logins.ts';
import { stopStatement } from './session.ts';

interface Parts {
  readonly engine: Engine;
  readonly pool: SqlPool;
  /** Looks at an error before its connection goes back to the pool. */
  lookAt(error: unknown, connection: DriverConnection): Promise<unknown>;
  /** The error of a caller that got no connection. */
  refused(error: unknown): unknown;
}

/**
 * The fast path of `query` and `execute`: a connection, one statement, and back, by callbacks; one promise in all. Absent
 * where the driver has no callbacks; where one that blocks has no idle connection, or has to let others have their turn.
 */
export function runOne(
  parts: Parts,
  statement: Statement,
  bound: Bound,
  context: RunContext,
): Promise<Result> | undefined {
  const { engine, pool } = parts;
  // A driver that blocks is done before anything else could want the connection.
  const idle = engine.runNow && !engine.overdue?.() && pool.peek();
  if (idle) return runNow(engine, idle, bound, context.write);
  if (!engine.send) return undefined;
  return new Promise((resolve, reject) => {
    const back = (connection: DriverConnection, usable: boolean, error: unknown, result?: Result): void => {
      pool.release(connection, usable);
      if (result) resolve(result);
      else reject(error);
    };
    const end = (connection: DriverConnection, usable: boolean, error: unknown, result?: Result): void => {
      if (result || !usable) return back(connection, usable, error, result);
      const looked = (): void => back(connection, usable, error);
      void parts.lookAt(error, connection).then(looked, looked);
    };
    const stoppable = context.onStop ? context : bySignal(context.signal);
    pool.take(statement, stoppable, waitWithin(context.timeout), (refusal, connection) => {
      if (!connection) return reject(parts.refused(refusal));
      let stopping: Promise<boolean> | undefined;
      let ended: ((error: unknown) => void) | undefined;
      const letGo = stoppable.onStop?.(() => {
        const busy = new Promise<void>((done, fail) => (ended = (error) => (error ? fail(error) : done())));
        stopping = stopStatement(engine, connection, busy);
      });
      const answered: Answered = (error, result) => {
        letGo?.();
        ended?.(error);
        if (stopping) void stopping.then((usable) => end(connection, usable, error, result));
        else end(connection, result !== undefined || classify(error)?.lost !== true, error, result);
      };
      try {
        engine.send!(connection, bound, answered);
      } catch (error) {
        // Nothing was sent: what is thrown here would end the process.
        answered(error);
      }
    });
  });
}

/** Absent where somebody else has the file locked: then it is waited for, with a connection that is held. */
function runNow(
  engine: Engine,
  connection: DriverConnection,
  bound: Bound,
  write: boolean,
): Promise<Result> | undefined {
  try {
    return Promise.resolve(engine.runNow!(connection, bound, write));
  } catch (error) {
    return waitsForLock(error) ? undefined : Promise.reject(error);
  }
}

/** A wait that a signal ends. */
export function bySignal(signal: AbortSignal): Stoppable {
  return {
    onStop(stop) {
      const stopped = (): void => stop(signal.reason);
      if (signal.aborted) stopped();
      else signal.addEventListener('abort', stopped, { once: true });
      return () => signal.removeEventListener('abort', stopped);
    },
  };
}
