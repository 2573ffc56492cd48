import { describe, expect, it } from '@jest/globals';
import { fixed, recorded, told, virtually } from './told-source.ts';

describe('secretsFeed', () => {
  it('merges at any depth, later sources winning key by key, and knows where each value came from', () => {
    virtually((scheduler) => {
      const { feed } = recorded(
        {
          sources: [
            fixed({ connections: { a: { url: 'low', user: 'u' } }, list: [1, 2] }, 'global'),
            fixed({ connections: { a: { url: 'high' }, b: { x: 1 } }, list: [3] }, 'project'),
          ],
        },
        scheduler,
      );
      const secrets = feed.current()!;
      expect(secrets.reveal()).toEqual({ connections: { a: { url: 'high', user: 'u' }, b: { x: 1 } }, list: [3] });
      expect(secrets.origin('connections.a.url')).toBe('project');
      expect(secrets.origin('connections.a.user')).toBe('global');
    });
  });

  it('waits for every source, and keeps the last good word of one that fails', () => {
    virtually((scheduler, at) => {
      const [a, b] = [told('a'), told('b')];
      const { feed, trees, events } = recorded({ sources: [a, b] }, scheduler);
      a.good({ x: 1 });
      expect(feed.current()).toBeUndefined();
      b.good({ y: 1 });
      at(1, () => b.bad());
      at(2, () => a.good({ x: 2 }));
      at(3, () => b.gone());
      at(4, () => b.good({ y: 1 }));
      scheduler.flush();
      expect(trees()).toEqual([
        { x: 1, y: 1 },
        { x: 2, y: 1 },
      ]);
      expect(events.map(({ type }) => type)).toEqual([
        'source.loaded',
        'source.loaded',
        'source.failed',
        'source.loaded',
        'source.missing',
        'source.loaded',
      ]);
    });
  });

  it('says why the first load failed, and loads when that is mended', () => {
    virtually((scheduler, at) => {
      const a = told('a');
      const { trees } = recorded({ sources: [a] }, scheduler);
      at(1, () => a.bad());
      at(2, () => a.gone());
      at(3, () => a.good({ x: 1 }));
      scheduler.flush();
      expect(trees()).toEqual(['source_invalid', 'source_missing', { x: 1 }]);
    });
  });

  it('believes that a section vanished after a second look', () => {
    virtually((scheduler, at) => {
      const a = told('a');
      const { trees } = recorded({ sources: [a] }, scheduler);
      a.good({ connections: { x: { v: 1 }, y: { v: 1 } } });
      at(100, () => a.good({ connections: { x: { v: 2 } } }));
      at(150, () => a.good({ connections: { x: { v: 2 }, y: { v: 1 } } }));
      at(300, () => a.good({ connections: { x: { v: 2 } } }));
      scheduler.flush();
      expect(trees()).toEqual([
        { connections: { x: { v: 1 }, y: { v: 1 } } },
        { connections: { x: { v: 2 }, y: { v: 1 } } },
        { connections: { x: { v: 2 } } },
      ]);
    });
  });
});
