import { expect, it } from '@jest/globals';
import { OpenError, type ConnectionEvent } from 'hotline';
import { News } from '../../../src/cli/watch/news.ts';

const about = { at: 0, id: 'pets', connection: 'pets' };
const event = (type: string, generation: number, message?: string): ConnectionEvent =>
  ({ ...about, type, generation, ...(message && { error: new OpenError('open_failed', message) }) }) as ConnectionEvent;

it('tells a failure once, until it is another one or an instance has served', () => {
  const news = new News();
  const told = [
    event('instance.opening', 1),
    event('instance.failed', 1, 'refused'),
    event('instance.closed', 1),
    event('instance.opening', 2),
    event('instance.failed', 2, 'refused'),
    event('instance.failed', 3, 'timed out'),
    event('instance.ready', 4),
    event('instance.failed', 5, 'timed out'),
    event('instance.retired', 4),
    event('instance.closed', 4),
    { at: 0, type: 'source.loaded', source: 'a.toml' } as const,
  ].filter((one) => news.has(one));
  expect(told.map((one) => ('generation' in one ? `${one.type} ${one.generation}` : one.type))).toEqual([
    'instance.opening 1',
    'instance.failed 1',
    'instance.failed 3',
    'instance.ready 4',
    'instance.failed 5',
    'instance.retired 4',
    'instance.closed 4',
    'source.loaded',
  ]);
});
