import type { BaseConnection, Config, ErrorCategory, KindClass, LeaseContext } from '../index.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- a kind of any raw resource */

/** The calls of a kind, in order. */
export type Call =
  | { readonly hook: 'connect'; readonly config: Config }
  | { readonly hook: 'opened'; readonly raw: unknown }
  | { readonly hook: 'disconnect'; readonly raw: unknown }
  | { readonly hook: 'disconnected'; readonly raw: unknown };

/** A kind whose calls are written down. */
export interface Observed {
  readonly Kind: KindClass;
  readonly calls: readonly Call[];
  readonly of: <H extends Call['hook']>(hook: H) => readonly Extract<Call, { hook: H }>[];
  /** The result of its `classify`. */
  readonly classify: (connection: BaseConnection<any>, error: unknown) => ErrorCategory | undefined;
}

interface Hooks {
  connect(config: Config, context: LeaseContext): unknown;
  disconnect(raw: unknown, context: LeaseContext): unknown;
  classify(error: unknown): ErrorCategory | undefined;
}

/** The same kind, with a record of what is asked of it. */
export function observed(kind: KindClass): Observed {
  const calls: Call[] = [];
  const Base = kind as new (leases: any) => BaseConnection<any>;
  const hooks = Base.prototype as Hooks;
  class Spy extends Base {
    protected override async connect(config: Config, context: LeaseContext): Promise<unknown> {
      calls.push({ hook: 'connect', config });
      const raw: unknown = await hooks.connect.call(this, config, context);
      calls.push({ hook: 'opened', raw });
      return raw;
    }

    protected override async disconnect(raw: unknown, context: LeaseContext): Promise<void> {
      calls.push({ hook: 'disconnect', raw });
      await hooks.disconnect.call(this, raw, context);
      calls.push({ hook: 'disconnected', raw });
    }
  }
  Object.defineProperty(Spy, 'name', { value: kind.name });
  return {
    Kind: Spy as unknown as KindClass,
    calls,
    of: (hook) => calls.filter((call) => call.hook === hook) as never,
    classify: (connection, error) => (connection as unknown as Hooks).classify(error),
  };
}
