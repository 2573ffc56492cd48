import { Subject, type Observable } from 'rxjs';
import { HotlineError, type ConnectionEvent } from '../index.ts';
import type { BoardError, BoardEvent, Span } from './page/board-state.ts';

/** Types of events that say how a connection fares. */
const settling = /^(config\.changed|instance\.(ready|failed))$/;

type InstanceEvent = Extract<ConnectionEvent, { readonly generation: number }>;

/** The latest events, and the lives of the instances they tell of. Bounded: what is over is forgotten in the end. */
export class History {
  readonly #kept: number;
  readonly #changes = new Subject<void>();
  #events: readonly BoardEvent[] = [];
  #spans: readonly Span[] = [];
  #count = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  get changes$(): Observable<void> {
    return this.#changes.asObservable();
  }

  get events(): readonly BoardEvent[] {
    return this.#events;
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }

  take(event: ConnectionEvent): void {
    const { at, type } = event;
    const whose = {
      ...('id' in event && { id: event.id }),
      ...('generation' in event && { generation: event.generation }),
    };
    this.#add({ n: ++this.#count, at, type, ...whose, ...codeOf(event), text: textOf(event) });
    if ('generation' in event) this.#live(event);
    this.#changes.next();
  }

  /** A failure that comes again, as attempts do, is one event; the attempts that lead to it, and their ends, are none. */
  #add(event: BoardEvent): void {
    const { id, type, code, text, generation } = event;
    const before = /^instance\.(opening|failed|closed)$/.test(type)
      ? this.#events.findLast((one) => one.id === id && settling.test(one.type))
      : undefined;
    const failing = before?.type === 'instance.failed' ? before : undefined;
    const ended = type === 'instance.closed' && code === undefined && generation === failing?.generation;
    if (failing && (type === 'instance.opening' || ended)) return;
    const again = failing?.code === code && failing?.text === text ? failing : undefined;
    const others = again ? this.#events.filter((one) => one !== again) : this.#events;
    this.#events = [...others, again ? { ...event, times: (again.times ?? 1) + 1 } : event].slice(-this.#kept);
  }

  #live(event: InstanceEvent): void {
    const { id, generation, type, at } = event;
    const change = changeOf(event);
    if (!change) return;
    const opens = type === 'instance.opening';
    const alive = (span: Span): boolean => span.id === id && span.ended === undefined;
    const known = opens ? undefined : this.#spans.findLast((span) => alive(span) && span.generation === generation);
    // The end of something that was never seen alive is not worth a bar.
    if (!known && change.ended !== undefined) return;
    // One is opened at a time: an attempt that another one follows was given up.
    const before = opens
      ? this.#spans.map((span) =>
          alive(span) && span.ready === undefined && !span.retired ? { ...span, ended: at } : span,
        )
      : this.#spans.filter((span) => span !== known);
    this.#spans = forgetting([...before, { ...known, id, generation, ...change }], this.#kept);
  }
}

function changeOf(event: InstanceEvent): Partial<Span> | undefined {
  const { at } = event;
  switch (event.type) {
    case 'instance.opening':
      return { opening: at };
    case 'instance.ready':
      return { ready: at };
    case 'instance.failed':
      return { ended: at, error: shown(event.error) };
    case 'instance.retired':
      return { retired: at, reason: event.reason };
    case 'instance.closed':
      return { ended: at };
    default:
      return undefined;
  }
}

/** Without the oldest of those that are over. */
function forgetting(spans: readonly Span[], kept: number): readonly Span[] {
  const over = spans.filter(({ ended }) => ended !== undefined);
  const gone = new Set(over.slice(0, Math.max(0, over.length - kept)));
  return gone.size > 0 ? spans.filter((span) => !gone.has(span)) : spans;
}

function textOf(event: ConnectionEvent): string {
  const parts = [
    'source' in event && event.source,
    'settings' in event && event.settings.join(', '),
    'reason' in event && event.reason,
    'message' in event && event.message,
    'error' in event && event.error?.message,
  ];
  return parts.filter(Boolean).join(' · ');
}

function codeOf(event: ConnectionEvent): { readonly code?: string } {
  if ('code' in event) return { code: event.code };
  return 'error' in event && event.error ? { code: event.error.code } : {};
}

/** An error as it may be shown: a HotlineError has no secret in it; of any other only that there was one. */
export function shown(error: unknown): BoardError {
  if (error instanceof HotlineError) {
    const { code, message, category, cure } = error;
    // The others say in their message what to do.
    const advised = category === 'config' || category === 'query';
    return { code, message, ...(!advised && { cure }) };
  }
  return {
    code: 'unexpected',
    message: 'Something failed that is not an error of hotline. See the log of the program.',
  };
}
