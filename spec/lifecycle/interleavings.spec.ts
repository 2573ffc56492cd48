import { describe, expect, it } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import { LifecycleContext } from '../../src/lifecycle/index.ts';
import { play } from '../support/virtual/diagram.ts';
import { Stage } from '../support/virtual/stage.ts';
import { timeline } from '../support/virtual/timeline.ts';

describe('while opening', () => {
  it('a change: the first candidate is given up, who waits gets the second', () => {
    const diagram = `
      config     ab---------
      ask ann    ^----------
      ann hears  ---b-------
      status     o--r-------
      a1         ox---------
      b2         -oo========
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('two changes: only the last one serves, and one is opening at a time', () => {
    const diagram = `
      config     abc--------
      ask ann    ^----------
      ann hears  ----c------
      status     o---r------
      a1         ox---------
      b2         -ox--------
      c3         --oo=======
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('two changes in the same millisecond', () => {
    const { log, heard } = timeline({
      0: (stage) => (stage.aim('a'), stage.ask()),
      1: (stage) => (stage.aim('b'), stage.aim('c')),
    });
    expect(heard).toEqual(['3 bob: c3']);
    expect(log.at(-1)).toBe('3 ready c3');
  });

  it('the same config with other policies: it goes on', () => {
    const { log } = timeline({
      0: (stage) => (stage.aim('a'), stage.ask()),
      1: (stage) => stage.aim('a', { idleTimeout: 10 }),
    });
    expect(log).toEqual(['0 opening a1', '2 ready a1', '12 retired a1 (idle)', '12 closed a1']);
  });

  it('eviction: who waits is served; what nobody waits for ends', () => {
    const diagram = `
      config     a-----------
      ask ann    ^!----------
      ask ben    ----^-------
      evict      -x---x------
      ben hears  ------a-----
      status     oi--o-r-----
      a1         ox----------
      a2         ----oo======
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('close(): who waits is told', () => {
    const diagram = `
      config     a----------
      want ann   ^----------
      ask ben    ^----------
      close      -x---------
      ann hears  -c---------
      ben hears  -c---------
      status     oc---------
      a1         ox---------
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('reset(): who waits gets a fresh one', () => {
    const diagram = `
      config     a----------
      ask ann    ^----------
      reset      -x---------
      ann hears  ---a-------
      a1         ox---------
      a2         -oo========
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('the section goes: who waits is told why', () => {
    const diagram = `
      config     a0---------
      ask ann    ^----------
      ask ben    ---^-------
      ann hears  -!---------
      ben hears  ---!-------
      status     of---------
      a1         ox---------
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('everybody leaves: it may finish, and is idle from when they left', () => {
    const diagram = `
      config     a----------
      want ann   ^!---------
      status     o-r--i-----
      a1         oo===x-----
    `;
    expect(play(diagram, { policies: { idleTimeout: 4 } })).toBe(diagram);
  });

  it('everybody leaves, and idleTimeout is 0: it is given up', () => {
    const diagram = `
      config     a----------
      want ann   ^!---------
      status     oi---------
      a1         ox---------
    `;
    expect(play(diagram, { policies: { idleTimeout: 0 } })).toBe(diagram);
  });

  it('openTimeout: it is given up, and what arrives too late is closed', () => {
    const { log, resource } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.ask()) },
      { opens: { a: { takes: 30, deaf: true } }, policies: { openTimeout: 10, retry: once } },
    );
    expect(log).toEqual(['0 opening a1', '10 failed a1 (open_timeout), again in 10', '30 closed a1']);
    expect([resource.opened, resource.closed]).toEqual([1, 1]);
  });
});

describe('while draining', () => {
  it('a change: both old ones drain by themselves', () => {
    const diagram = `
      config     a-----b-----c----------
      want ann   ^----------------------
      lease leo  ---^-------------!-----
      lease mia  ---------^---------!---
      ann hears  --a-----b-----c--------
      a1         oo======~~~~~~~~~x-----
      b2         ------oo======~~~~~x---
      c3         ------------oo=========
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('a change back: it is opened anew, a retired instance never serves again', () => {
    const diagram = `
      config     a-----b-----a----------
      want ann   ^----------------------
      lease leo  ---^-------------!-----
      ann hears  --a-----b-----a--------
      a1         oo======~~~~~~~~~x-----
      b2         ------oo======x--------
      a3         ------------oo=========
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('close(): it drains on', () => {
    const diagram = `
      config     a-----b-----------
      want ann   ^-----------------
      lease leo  ---^---------!----
      close      ----------x-------
      a1         oo======~~~~~x----
      b2         ------oo==x-------
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('another kind, under a lease: the lease goes on, newcomers are told', () => {
    const diagram = `
      config     a-----1-----------
      want ann   ^-----------------
      lease leo  ---^------!-------
      ask ben    --------^---------
      ann hears  --a---!-----------
      leo hears  ---a--------------
      ben hears  --------!---------
      status     o-r---f-----------
      a1         oo====~~~~x-------
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('broken while its replacement opens: newcomers wait for the replacement', () => {
    const diagram = `
      config     a-----b-----------
      want ann   ^-----------------
      lease leo  ---^-----!--------
      broken     -------x----------
      ask ben    -------^----------
      ann hears  --a-----b---------
      ben hears  --------b---------
      status     o-r---por---------
      a1         oo=====~~x--------
      b2         ------oo==========
    `;
    expect(play(diagram)).toBe(diagram);
  });
});

describe('unsubscribing before the first value', () => {
  it('in the same tick', () => {
    const diagram = `
      config     a-------
      want ann   (^!)----
      status     o-r-----
      a1         oo======
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('of everybody, while it fails: the back-off ends, and the next caller begins a round', () => {
    const diagram = `
      config     a------------------
      want ann   ^---!--------------
      ask ben    ------------^------
      ann hears  -------------------
      ben hears  --------------a----
      status     o---f-------o-r----
      a1         oo!----------------
      a2         ------------oo=====
    `;
    const opens = { a: [{ fails: 'timeout' as const }, {}] };
    expect(play(diagram, { opens })).toBe(diagram);
  });
});

describe('re-entrant', () => {
  it('a change by who is told of the instance', () => {
    const stage = timeline({
      0: (it) => {
        it.onHeard = () => {
          it.onHeard = undefined;
          it.aim('b');
        };
        it.aim('a');
        it.want('ann');
        it.want('ben');
      },
    });
    expect(stage.heard).toEqual(['2 ann: a1', '2 ben: a1', '4 ann: b2', '4 ben: b2']);
    expect(stage.log).toEqual([
      '0 opening a1',
      '2 ready a1',
      '2 opening b2',
      '4 ready b2',
      '4 retired a1 (replaced)',
      '4 closed a1',
    ]);
  });

  it('a caller who comes while a failure is told starts the next attempt, and is not told of the old one', () => {
    const { heard } = timeline(
      {
        0: (stage) => {
          stage.onStatus = (status) => status === 'failed' && !stage.users.has('ben') && stage.ask('ben');
          stage.aim('a');
          stage.ask('ann');
        },
      },
      { opens: { a: [{ fails: 'config' }, {}] } },
    );
    expect(heard).toEqual(['2 ann: open_failed', '4 ben: a2']);
  });

  it('a caller who comes while an instance is told is told once', () => {
    const { heard } = timeline({
      0: (stage) => {
        stage.onStatus = (status) => status === 'ready' && stage.want('ben');
        stage.aim('a');
        stage.want('ann');
      },
    });
    expect(heard).toEqual(['2 ben: a1', '2 ann: a1']);
  });

  it('close() by who is told that it opens, where opening takes no time', () => {
    const { log, resource, heard } = timeline(
      {
        0: (stage) => {
          stage.onStatus = (status) => status === 'opening' && stage.lifecycle.close();
          stage.aim('a');
          stage.want();
        },
      },
      { opens: { a: { takes: 0 } } },
    );
    expect(log).toEqual(['0 opening a1', '0 ready a1', '0 retired a1 (closed)', '0 closed a1']);
    expect([resource.opened, resource.closed, heard]).toEqual([1, 1, ['0 ann: a1', '0 ann: closed']]);
  });

  it('a change by who is told that it opens: what is given up is not opened', () => {
    const { log, resource } = timeline({
      0: (stage) => {
        stage.onEvent = ({ type }) => {
          if (type !== 'instance.opening') return;
          stage.onEvent = undefined;
          stage.aim('b');
        };
        stage.aim('a');
        stage.want();
      },
    });
    expect(log.at(-1)).toBe('2 ready b2');
    expect(resource.opened).toBe(1);
    expect(resource.mostOpening).toBe(1);
  });

  it('also where the opening had to wait for something of before', () => {
    const { log, resource } = timeline(
      {
        0: (stage) => (stage.aim('a'), stage.want()),
        10: (stage) => {
          stage.onEvent = ({ type }) => {
            if (type !== 'instance.opening') return;
            stage.onEvent = undefined;
            stage.aim('c');
          };
          stage.aim('b');
        },
      },
      { overlap: false, closes: { a: { takes: 3 } } },
    );
    expect(log.slice(2)).toEqual([
      '10 retired a1 (replaced)',
      '13 closed a1',
      '13 opening b2',
      '13 retired b2 (replaced)',
      '13 opening c3',
      '15 ready c3',
    ]);
    expect([resource.opened, resource.mostOpening]).toEqual([2, 1]);
  });

  it('a release by who is told that an attempt was given up: that attempt does not open', () => {
    const { log, resource } = timeline(
      {
        0: (stage) => (stage.aim('a'), stage.want(), stage.lease()),
        5: (stage) => {
          stage.lifecycle.reset();
          // The lease was all that the attempt of the first reset() waited for.
          stage.onEvent = ({ type }) => type === 'instance.retired' && stage.release();
          stage.lifecycle.reset();
        },
      },
      { overlap: false, opens: { a: { takes: 0 } } },
    );
    expect(log.slice(2)).toEqual([
      '5 retired a1 (reset)',
      '5 retired a2 (reset)',
      '5 closed a1',
      '5 opening a3',
      '5 ready a3',
    ]);
    expect([resource.opened, resource.closed]).toEqual([2, 1]);
  });

  it('reset() and a release inside the signal of a cut lease', () => {
    const { log, resource } = timeline(
      {
        0: (stage) => (stage.aim('a'), stage.want(), stage.lease()),
        5: (stage) => {
          stage.leases.get('leo')!.signal.addEventListener('abort', () => {
            stage.release();
            stage.lifecycle.reset();
          });
          stage.lifecycle.reset();
        },
      },
      { policies: { drainTimeout: 10 } },
    );
    expect(log).toEqual([
      '0 opening a1',
      '2 ready a1',
      '5 retired a1 (reset)',
      '5 opening a2',
      '7 ready a2',
      '15 lease aborted a1',
      '15 closed a1',
      '15 retired a2 (reset)',
      '15 closed a2',
      '15 opening a3',
      '17 ready a3',
    ]);
    expect([resource.opened, resource.closed]).toEqual([3, 2]);
  });
});

describe('kinds that behave badly', () => {
  it('one that ignores its signal: who waits does not wait for it, and what it opens is closed', () => {
    const { log, heard, resource } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.ask()), 1: (stage) => stage.aim('b') },
      { opens: { a: { takes: 50, deaf: true } } },
    );
    expect(heard).toEqual(['3 bob: b2']);
    expect(log.slice(-2)).toEqual(['3 ready b2', '50 closed a1']);
    expect([resource.opened, resource.closed]).toEqual([2, 1]);
  });

  it('one that never answers at all holds nothing up', () => {
    const stage = timeline(
      {
        0: (it) => (it.aim('a'), it.ask()),
        1: (it) => it.lifecycle.close(),
        2: (it) => expect(it.lifecycle.ending).toBe(true),
      },
      { opens: { a: { hangs: true, deaf: true } }, policies: { closeTimeout: 20 } },
    );
    expect([stage.lifecycle.ending, stage.host.work.running]).toEqual([false, 0]);
  });

  it('nor where two cannot live side by side', () => {
    const { log } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.ask()), 1: (stage) => stage.aim('b') },
      { overlap: false, opens: { a: { hangs: true, deaf: true } }, policies: { closeTimeout: 20 } },
    );
    expect(log).toEqual(['0 opening a1', '1 retired a1 (replaced)', '21 opening b2', '23 ready b2']);
  });

  it('where two cannot live side by side, what arrives late is closed before the next one opens', () => {
    const { log } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.ask()), 1: (stage) => stage.aim('b') },
      { overlap: false, opens: { a: { takes: 5, deaf: true } }, closes: { a: { takes: 3 } } },
    );
    expect(log).toEqual(['0 opening a1', '1 retired a1 (replaced)', '8 closed a1', '8 opening b2', '10 ready b2']);
  });

  it('disconnect throws: the event says so, nothing else happens', () => {
    const { log, status } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.want()), 10: (stage) => stage.aim('b') },
      { closes: { a: { throws: true } } },
    );
    expect(log.slice(2)).toEqual([
      '10 opening b2',
      '12 ready b2',
      '12 retired a1 (replaced)',
      '12 closed a1 (close_failed)',
    ]);
    expect(status).toBe('ready');
  });

  it('disconnect never ends: it is abandoned after closeTimeout', () => {
    const { log, lifecycle } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.want()), 10: (stage) => stage.lifecycle.reset() },
      { overlap: false, closes: { a: { hangs: true } }, policies: { closeTimeout: 20 } },
    );
    expect(log.slice(2)).toEqual([
      '10 retired a1 (reset)',
      '30 closed a1 (close_failed)',
      '30 opening a2',
      '32 ready a2',
    ]);
    expect(lifecycle.ending).toBe(false);
  });
});

describe('invalidate and reacquire in one tick', () => {
  it.each([0, 5, Infinity])('reset() between two users, idleTimeout %d', (idleTimeout) => {
    const { log, heard, resource } = timeline(
      {
        0: (stage) => (stage.aim('a'), stage.want('ann')),
        10: (stage) => {
          stage.leave('ann');
          stage.lifecycle.reset();
          stage.want('ben');
        },
        30: (stage) => stage.lifecycle.close(),
      },
      { policies: { idleTimeout } },
    );
    expect(log).toEqual([
      '0 opening a1',
      '2 ready a1',
      '10 retired a1 (reset)',
      '10 closed a1',
      '10 opening a2',
      '12 ready a2',
      '30 retired a2 (closed)',
      '30 closed a2',
    ]);
    expect(heard).toEqual(['2 ann: a1', '12 ben: a2', '30 ben: closed']);
    expect([resource.opened, resource.closed]).toEqual([2, 2]);
  });

  it.each([0, 5, Infinity])('evict() between two users, idleTimeout %d', (idleTimeout) => {
    const { log } = timeline(
      {
        0: (stage) => (stage.aim('a'), stage.want('ann')),
        10: (stage) => {
          stage.leave('ann');
          stage.lifecycle.evict();
          stage.lease('leo');
        },
        20: (stage) => expect(stage.leases.get('leo')?.generation).toBe(2),
      },
      { policies: { idleTimeout } },
    );
    expect(log.slice(2)).toEqual(['10 retired a1 (evicted)', '10 closed a1', '10 opening a2', '12 ready a2']);
  });

  it.each([0, 5, Infinity])('one user after the other keeps it open, idleTimeout %d', (idleTimeout) => {
    const { log } = timeline(
      {
        0: (stage) => (stage.aim('a'), stage.want('ann')),
        10: (stage) => (stage.leave('ann'), stage.want('ben')),
        20: (stage) => (stage.leave('ben'), stage.lease()),
        30: (stage) => (stage.release(), stage.lease()),
      },
      { policies: { idleTimeout } },
    );
    expect(log).toEqual(['0 opening a1', '2 ready a1']);
  });
});

describe('where two cannot live side by side', () => {
  it('a lease that does not end is cut, and then the new one opens', () => {
    const diagram = `
      config     a-----b---------------
      want ann   ^---------------------
      lease leo  ---^------------------
      ann hears  --a----------b--------
      leo hears  ---a-------!----------
      status     o-r---o------r--------
      a1         oo====~~~~~x----------
      b2         -----------oo=========
    `;
    expect(play(diagram, { overlap: false, policies: { drainTimeout: 5 } })).toBe(diagram);
  });

  it('a change while draining: only the last config is opened', () => {
    const diagram = `
      config     a-----b-c-------------
      want ann   ^---------------------
      lease leo  ---^-----!------------
      ann hears  --a--------c----------
      a1         oo====~~~x------------
      b2         --------x-------------
      c3         ---------oo===========
    `;
    expect(play(diagram, { overlap: false })).toBe(diagram);
  });

  it('a change back while draining opens anew', () => {
    const diagram = `
      config     a-----b-a-------------
      want ann   ^---------------------
      lease leo  ---^-----!------------
      a1         oo====~~~x------------
      b2         --------x-------------
      a3         ---------oo===========
    `;
    expect(play(diagram, { overlap: false })).toBe(diagram);
  });

  it('if the new one fails, nothing is open, and it is tried again', () => {
    const diagram = `
      config     a-----b--------------
      want ann   ^--------------------
      status     o-r---o-----r--------
      a1         oo====x--------------
      b2         ------oo!------------
      b3         ----------oo=========
    `;
    const retry = { attempts: 2, minDelay: 2, maxDelay: 8, jitter: 'none' as const };
    const opens = { b: [{ fails: 'transient' as const }, {}] };
    expect(play(diagram, { overlap: false, opens, policies: { retry } })).toBe(diagram);
  });

  it('reset() and the end of its ttl drain first, too', () => {
    const diagram = `
      config     a---------------------
      want ann   ^---------------------
      lease leo  ---^----!-------------
      reset      -----x----------------
      a1         oo===~~~x-------------
      a2         --------oo======x-----
      a3         ----------------oo====
    `;
    expect(play(diagram, { overlap: false, policies: { ttl: 6 } })).toBe(diagram);
  });
});

describe('degraded', () => {
  it('the ttl of the old one ends meanwhile: nothing new begins, the back-off goes on', () => {
    const { log } = timeline(
      {
        0: (stage) => (stage.aim('a'), stage.want()),
        10: (stage) => stage.aim('b'),
      },
      { opens: { b: [{ fails: 'auth' }, {}] }, policies: { ttl: 20, retry: { ...once, maxDelay: 50 } }, until: 65 },
    );
    expect(log.slice(2)).toEqual([
      '10 opening b2',
      '12 failed b2 (auth_failed), again in 50',
      '62 opening b3',
      '64 ready b3',
      '64 retired a1 (expired)',
      '64 closed a1',
    ]);
  });

  it('reset() opens the new config at once', () => {
    const diagram = `
      config     a-----b----------
      want ann   ^----------------
      reset      -----------x-----
      ann hears  --a----------b---
      status     o-r---p-d--o-r---
      a1         oo=========x-----
      b2         ------oo!--------
      b3         -----------oo====
    `;
    expect(play(diagram, { opens: { b: [{ fails: 'config' }, {}] } })).toBe(diagram);
  });

  it('idle: it closes, and the next user opens the new config', () => {
    const diagram = `
      config     a-----b-------------
      want ann   ^-------!-----------
      ask ben    ---------------^----
      ann hears  --a-----------------
      ben hears  -----------------b--
      status     o-r---p-d---i--o-r--
      a1         oo==========x-------
      b2         ------oo!-----------
      b3         ---------------oo===
    `;
    expect(play(diagram, { opens: { b: [{ fails: 'config' }, {}] }, policies: { idleTimeout: 4 } })).toBe(diagram);
  });

  it('idle: attempts that fail do not put it off', () => {
    const diagram = `
      config     a-----b----------------
      want ann   ^-------!--------------
      ann hears  --a--------------------
      status     o-r---p-d-------i------
      a1         oo==============x------
      b2         ------oo!--------------
      b3         ----------oo!----------
      b4         --------------oox------
    `;
    const retry = { ...once, minDelay: 2, maxDelay: 2 };
    const opens = { b: { fails: 'transient' as const } };
    expect(play(diagram, { opens, policies: { idleTimeout: 8, retry } })).toBe(diagram);
  });
});

describe('many connections of one host', () => {
  it('replaces ten at once; first openings do not wait', () => {
    const opening: number[] = [];
    const scheduler = new TestScheduler(() => undefined);
    scheduler.run(() => {
      const host = new LifecycleContext(scheduler);
      const stages = Array.from({ length: 25 }, () => new Stage(scheduler, { host }));
      const count = (): number => stages.reduce((sum, { resource }) => sum + resource.opening, 0);
      for (const stage of stages) {
        stage.aim('a');
        stage.want();
      }
      expect(count()).toBe(25);
      scheduler.schedule(() => stages.forEach((stage) => stage.aim('b')), 10);
      for (const at of [11, 13, 15, 17]) scheduler.schedule(() => opening.push(count()), at);
      // One that waits in line goes away, and the others move up.
      scheduler.schedule(() => stages[24]!.lifecycle.close(), 11);
      scheduler.flush();
      expect(stages.map(({ lifecycle }) => lifecycle.state.current?.config)).toEqual([
        ...Array<string>(24).fill('b'),
        undefined,
      ]);
    });
    expect(opening).toEqual([10, 10, 4, 0]);
  });

  it('a replacement that waits in line while the old one breaks waits no longer', () => {
    const scheduler = new TestScheduler(() => undefined);
    const heard = scheduler.run(() => {
      const host = new LifecycleContext(scheduler);
      const stages = Array.from({ length: 12 }, () => new Stage(scheduler, { host, opens: { b: { takes: 30 } } }));
      for (const stage of stages) {
        stage.aim('a');
        stage.want();
      }
      const [last] = stages.slice(-1) as [Stage];
      scheduler.schedule(() => stages.forEach((stage) => stage.aim('b')), 10);
      scheduler.schedule(() => (last.broken(), last.ask('ben')), 15);
      scheduler.flush();
      return last.heard;
    });
    expect(heard).toEqual(['2 ann: a1', '45 ann: b2', '45 ben: b2']);
  });
});

const once = { attempts: 1, minDelay: 10, maxDelay: 40, jitter: 'none' } as const;
