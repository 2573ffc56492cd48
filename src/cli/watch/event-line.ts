import type { ConnectionEvent } from '../../index.ts';
import { failureOf, reasonOf } from '../failure.ts';
import { padded } from '../output/columns.ts';
import { elapsed } from '../output/elapsed.ts';
import type { Outlet } from '../output/outlet.ts';
import { place } from '../output/place.ts';
import { visible } from '../output/visible.ts';

type Colors = Outlet['colors'];

/** What happened, on one line: when, to whom (in a column so wide), what. */
export function eventLine(event: ConnectionEvent, colors: Colors, width: number): string {
  const time = new Date(event.at).toTimeString().slice(0, 8);
  const whom = 'connection' in event ? event.connection : 'source' in event && event.source ? place(event.source) : '';
  return `${colors.dim(time)}  ${colors.bold(padded(visible(whom), width))}  ${what(event, colors)}`;
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
      return `is not there${event.error ? `: ${reasonOf(event.error)}` : ''}`;
    case 'source.failed':
      return `${red('cannot be used')}: ${reasonOf(event.error)}`;
    case 'config.changed':
      return `its settings ${cyan('changed')}`;
    case 'instance.opening':
      return `instance ${event.generation} ${cyan('is being opened')}`;
    case 'instance.ready':
      return `instance ${event.generation} ${green('serves')}`;
    case 'instance.failed':
      return `instance ${event.generation} ${red('failed')}: ${reasonOf(event.error)}${again(event.retryIn)}`;
    case 'instance.retired':
      return `instance ${event.generation} ${dim(`retired (${event.reason})`)}`;
    case 'instance.closed':
      return `instance ${event.generation} ${dim('closed')}${event.error ? `: ${reasonOf(event.error)}` : ''}`;
    case 'lease.aborted':
      return `${yellow('running work was cut')}: ${reasonOf(event.error)}`;
    case 'warning':
      return `${yellow('!')} ${reasonOf(event)}`;
  }
}

function again(retryIn: number): string {
  return Number.isFinite(retryIn) ? `; again in ${elapsed(retryIn)}` : '';
}
