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
  readonly #events: BoardEvent[] = [];
  /** The latest event of each connection that says how it fares. */
  readonly #settled = new Map<string | undefined, BoardEvent>();
  readonly #alive = new Map<string, Life[]>();
  readonly #over: Life[] = [];
  #count = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  get changes$(): Observable<void> {
    return this.#changes.asObservable();
  }

  get events(): readonly BoardEvent[] {
    return latest(this.#events, this.#kept);
  }

  /** The lives of instances; the one that changed last stands last. */
  get spans(): readonly Span[] {
    const alive = [...this.#alive.values()].flat();
    const all = [...latest(this.#over, this.#kept), ...alive];
    return all.sort((a, b) => a.changed - b.changed).map(({ span }) => span);
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
    const before = this.#settled.get(id);
    const failing = before?.type === 'instance.failed' ? before : undefined;
    const ended = type === 'instance.closed' && code === undefined && generation === failing?.generation;
    if (failing && (type === 'instance.opening' || ended)) return;
    const again = type === 'instance.failed' && failing?.code === code && failing?.text === text ? failing : undefined;
    if (again) this.#events.splice(this.#events.indexOf(again), 1);
    const added = again ? { ...event, times: (again.times ?? 1) + 1 } : event;
    if (settling.test(type)) this.#settled.set(id, added);
    this.#events.push(added);
    this.#forget();
  }

  #live(event: InstanceEvent): void {
    const { id, generation, type, at } = event;
    const change = changeOf(event);
    if (!change) return;
    const alive = this.#alive.get(id) ?? [];
    const opens = type === 'instance.opening';
    const known = opens ? undefined : alive.findLast(({ span }) => span.generation === generation);
    // The end of something that was never seen alive is not worth a bar.
    if (!known && change.ended !== undefined) return;
    // One is opened at a time: an attempt that another one follows was given up.
    const given = opens ? alive.filter(({ span }) => span.ready === undefined && span.retired === undefined) : [];
    const life = { changed: this.#count, span: { ...known?.span, id, generation, ...change } };
    this.#over.push(...given.map(({ changed, span }) => ({ changed, span: { ...span, ended: at } })));
    const left = alive.filter((one) => one !== known && !given.includes(one));
    if (change.ended === undefined) left.push(life);
    else this.#over.push(life);
    if (left.length > 0) this.#alive.set(id, left);
    else this.#alive.delete(id);
  }

  /** Now and then, so that an event costs the same however many are kept. */
  #forget(): void {
    const most = 2 * this.#kept + 100;
    if (this.#over.length > most) this.#over.splice(0, this.#over.length - this.#kept);
    if (this.#events.length <= most) return;
    for (const event of this.#events.splice(0, this.#events.length - this.#kept))
      if (this.#settled.get(event.id) === event) this.#settled.delete(event.id);
  }
}

/** The life of an instance, and the count of the event that changed it last. */
interface Life {
  readonly changed: number;
  readonly span: Span;
}

function latest<T>(all: readonly T[], kept: number): T[] {
  return kept === 0 ? [] : all.slice(-kept);
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
