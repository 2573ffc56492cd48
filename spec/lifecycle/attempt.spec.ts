import { describe, expect, it } from '@jest/globals';
import { NEVER, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { attempt$ } from '../../src/lifecycle/attempt.ts';
import { defaultPolicies, Host } from '../../src/lifecycle/index.ts';
import { Retirement } from '../../src/lifecycle/retirement.ts';
import { MemoryResource, type Opening } from '../support/virtual/memory-resource.ts';

interface Given {
  readonly opening?: Opening;
  readonly overlap?: boolean;
  readonly replacing?: boolean;
  /** How long something of before still has to end. */
  readonly ending?: number;
  /** When it is given up; whoever makes it has not let go of it yet. */
  readonly givenUp?: number;
  /** Whether ten others are replaced already, until then. */
  readonly busy?: number;
}

function attempting({
  opening = {},
  overlap = true,
  replacing = false,
  ending = 0,
  busy = 0,
  givenUp = Infinity,
}: Given): string[] {
  const scheduler = new TestScheduler(() => undefined);
  const log: string[] = [];
  scheduler.run(() => {
    const say = (what: string): void => void log.push(`${scheduler.now()} ${what}`);
    const host = new Host(scheduler);
    const resource = new MemoryResource(scheduler, () => opening);
    resource.overlap = overlap;
    const retirement = new Retirement(resource, host, () => undefined);
    if (ending) retirement.track(timer(ending));
    const others = Array.from({ length: busy ? 10 : 0 }, () => host.gate.pass(NEVER).subscribe());
    scheduler.schedule(() => others.forEach((other) => other.unsubscribe()), busy);
    const attempt = { config: 'a', policies: defaultPolicies, generation: 2, reason: 'replaced', replacing } as const;
    const tell = ({ type }: { type: string }): void => say(type);
    const makes = (): boolean => scheduler.now() < givenUp;
    attempt$(attempt, { resource, host, retirement, tell, makes }).subscribe({
      next: (input) => say(input.type + ('attempt' in input && input.attempt === attempt ? '' : ' of another')),
      complete: () => say('complete'),
      error: () => say('error'),
    });
  });
  return log;
}

describe('attempt$', () => {
  it('says that it opens, and what came of it', () => {
    expect(attempting({})).toEqual(['0 instance.opening', '2 opened', '2 complete']);
  });

  it('a failure is a value', () => {
    expect(attempting({ opening: { fails: 'auth' } })).toEqual(['0 instance.opening', '2 failed', '2 complete']);
  });

  it('waits for nothing of before, where two can live side by side', () => {
    expect(attempting({ ending: 9 })).toEqual(['0 instance.opening', '2 opened', '2 complete']);
  });

  it('and where they cannot, for everything of before', () => {
    expect(attempting({ ending: 9, overlap: false })).toEqual(['9 instance.opening', '11 opened', '11 complete']);
  });

  it('a replacement waits for its turn', () => {
    expect(attempting({ replacing: true, busy: 5 })).toEqual(['5 instance.opening', '7 opened', '7 complete']);
  });

  it('what was given up while it waited is not opened', () => {
    expect(attempting({ ending: 9, overlap: false, givenUp: 9 })).toEqual(['9 complete']);
    expect(attempting({ replacing: true, busy: 5, givenUp: 5 })).toEqual(['5 complete']);
  });

  it('a first opening never does', () => {
    expect(attempting({ busy: 5 })).toEqual(['0 instance.opening', '2 opened', '2 complete']);
  });
});
