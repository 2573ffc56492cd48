import type { ConnectionEvent } from '../../index.ts';
import { failureOf } from '../failure.ts';
import { elapsed } from '../output/elapsed.ts';
import type { Outlet } from '../output/outlet.ts';
import { place } from '../output/place.ts';
import { visible } from '../output/visible.ts';

type Colors = Outlet['colors'];

/** What happened, on one line: when, to whom, what. */
export function eventLine(event: ConnectionEvent, colors: Colors): string {
  const time = new Date(event.at).toTimeString().slice(0, 8);
  const whom = 'connection' in event ? event.connection : 'source' in event && event.source ? place(event.source) : '';
  return `${colors.dim(time)}  ${colors.bold(visible(whom))}  ${what(event, colors)}`;
}

/** The same as one line of JSON. */
export function plainEvent(event: ConnectionEvent): string {
  return JSON.stringify('error' in event && event.error ? { ...event, error: failureOf(event.error) } : event);
}

function what(event: ConnectionEvent, { cyan, dim, green, red, yellow }: Colors): string {
  switch (event.type) {
    case 'source.loaded':
      return 'was read';
    case 'source.missing':
      return `is not there${event.error ? `: ${visible(event.error.message)}` : ''}`;
    case 'source.failed':
      return `${red('cannot be used')}: ${visible(event.error.message)}`;
    case 'config.changed':
      return `its settings ${cyan('changed')}`;
    case 'instance.opening':
      return `instance ${event.generation} ${cyan('is being opened')}`;
    case 'instance.ready':
      return `instance ${event.generation} ${green('serves')}`;
    case 'instance.failed':
      return `instance ${event.generation} ${red('failed')}: ${visible(event.error.message)}${again(event.retryIn)}`;
    case 'instance.retired':
      return `instance ${event.generation} ${dim(`retired (${event.reason})`)}`;
    case 'instance.closed':
      return `instance ${event.generation} ${dim('closed')}${event.error ? `: ${visible(event.error.message)}` : ''}`;
    case 'lease.aborted':
      return `${yellow('running work was cut')}: ${visible(event.error.message)}`;
    case 'warning':
      return `${yellow('!')} ${visible(event.message)}`;
  }
}

function again(retryIn: number): string {
  return Number.isFinite(retryIn) ? `; again in ${elapsed(retryIn)}` : '';
}
