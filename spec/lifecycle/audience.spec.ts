import { describe, expect, it } from '@jest/globals';
import { Audience } from '../../src/lifecycle/audience.ts';

describe('Audience', () => {
  const closed = { closed: true } as const;

  it('tells everybody who was there, in the order in which they came', () => {
    const audience = new Audience();
    const heard: string[] = [];
    audience.join(() => heard.push('ann'), 1);
    audience.join(() => heard.push('ben'), 1);
    audience.tell(closed, 2);
    expect(heard).toEqual(['ann', 'ben']);
  });

  it('does not tell who came in the same turn', () => {
    const audience = new Audience();
    const heard: string[] = [];
    audience.join(() => heard.push('ann'), 1);
    audience.tell(closed, 1);
    expect(heard).toEqual([]);
  });

  it('nor who leaves or joins while the others are told', () => {
    const audience = new Audience();
    const heard: string[] = [];
    audience.join(() => {
      leave();
      audience.join(() => heard.push('cat'), 2);
    }, 1);
    const leave = audience.join(() => heard.push('ben'), 1);
    audience.tell(closed, 2);
    expect(heard).toEqual([]);
  });

  it('leaving says whether one was there', () => {
    const leave = new Audience().join(() => undefined, 1);
    expect([leave(), leave()]).toEqual([true, false]);
  });
});
