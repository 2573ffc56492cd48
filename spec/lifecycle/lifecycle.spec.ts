import { describe, expect, it } from '@jest/globals';
import { asapScheduler, VirtualTimeScheduler } from 'rxjs';
import { defaultPolicies, type Policies } from '../../src/policy/index.ts';
import { idleState } from '../../src/lifecycle/state.ts';
import { play } from '../support/virtual/diagram.ts';
import { Stage, type StageOptions } from '../support/virtual/stage.ts';
import { pending, timeline } from '../support/virtual/timeline.ts';

const { retry } = defaultPolicies;
const attempts = (count: number, minDelay = 2, maxDelay = 8): Partial<Policies> => ({
  retry: { attempts: count, minDelay, maxDelay, jitter: 'none' },
});

describe('promise 1: one open', () => {
  it('callers at the same time cause one opening, and share its success', () => {
    const diagram = `
      config     a-------
      ask ann    ^-------
      ask ben    ^-------
      ask cat    -^------
      ann hears  --a-----
      ben hears  --a-----
      cat hears  --a-----
      a1         oo======
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('and they share its failure', () => {
    const diagram = `
      config     a-------
      ask ann    ^-------
      ask ben    -^------
      ann hears  --!-----
      ben hears  --!-----
      status     o-f-----
      a1         oo!-----
    `;
    expect(play(diagram, { opens: { a: { fails: 'config' } } })).toBe(diagram);
  });

  it('which does not end with the caller who caused it', () => {
    const diagram = `
      config     a-------
      ask ann    ^!------
      ask ben    -^------
      ben hears  --a-----
      a1         oo======
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('nor when nobody waits for it any more', () => {
    const diagram = `
      config     a-------
      want ann   ^!------
      status     o-r-----
      a1         oo======
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('nothing is opened before somebody asks', () => {
    const diagram = `
      config     a--b----
      want ann   -----^--
      status     -----o-r
      b1         -----oo=
    `;
    expect(play(diagram)).toBe(diagram);
  });
});

describe('promise 2: a failure is never cached', () => {
  it('the next caller tries again', () => {
    const diagram = `
      config     a----------
      ask ann    ^----------
      ask ben    -----^-----
      ann hears  --!--------
      ben hears  -------a---
      status     o-f--o-r---
      a1         oo!--------
      a2         -----oo====
    `;
    const opens = { a: [{ fails: 'transient' as const }, {}] };
    expect(play(diagram, { opens, policies: attempts(1) })).toBe(diagram);
  });

  it('and has a whole round of attempts, as the one before had', () => {
    const diagram = `
      config     a-------------------
      ask ann    ^-------------------
      ask ben    ----------^---------
      ann hears  ------!-------------
      ben hears  ----------------!---
      status     o-----f---o-----f---
      a1         oo!-----------------
      a2         ----oo!-------------
      a3         ----------oo!-------
      a4         --------------oo!---
    `;
    expect(play(diagram, { opens: { a: { fails: 'transient' } }, policies: attempts(2) })).toBe(diagram);
  });

  it('who comes between two attempts waits for the next one', () => {
    const diagram = `
      config     a-----------
      ask ann    ^-----------
      ask ben    ---^--------
      ann hears  ------a-----
      ben hears  ------a-----
      status     o-----r-----
      a1         oo!---------
      a2         ----oo======
    `;
    expect(play(diagram, { opens: { a: [{ fails: 'transient' }, {}] }, policies: attempts(2) })).toBe(diagram);
  });

  it('a failed check is a failed opening, and what was opened is closed', () => {
    const { log, resource } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.ask()) },
      { opens: { a: [{ failsCheck: 'transient' }, {}] }, policies: attempts(3, 10, 10) },
    );
    expect(log).toEqual([
      '0 opening a1',
      '3 closed a1',
      '3 failed a1 (open_failed), again in 10',
      '13 opening a2',
      '15 ready a2',
    ]);
    expect([resource.opened, resource.closed]).toEqual([2, 1]);
  });
});

describe('promise 2, where every caller comes after the one before', () => {
  /** Asks again as soon as it was told, for so long, and says when. */
  function asking(until: number, options: StageOptions, told: (stage: Stage) => void = () => undefined): Stage {
    return timeline(
      {
        0: (stage) => {
          stage.onHeard = () => {
            told(stage);
            if (stage.now < until) queue(() => stage.ask());
          };
          const queue = (act: () => void): void => void asapScheduler.schedule(act, 1);
          stage.aim('a');
          stage.ask();
        },
      },
      { ...options, until: until + 10_000 },
    );
  }

  it('refused credentials are tried once in a pause that grows to maxDelay; every caller is told', () => {
    const { log, heard } = asking(20_000, { opens: { a: { fails: 'auth' } } });
    expect(log.filter((line) => line.includes('opening'))).toHaveLength(10);
    expect(heard).toHaveLength(10);
    expect(heard.every((line) => line.endsWith('auth_failed'))).toBe(true);
  });

  it('while somebody stays, too', () => {
    const diagram = `
      config     a--------------------------
      want ann   ^--------------------------
      ask ben    ------^--------------------
      ask cat    ----------^----------------
      ann hears  --!-----!-----!---------!--
      ben hears  --------!------------------
      cat hears  --------------!------------
      status     o-f---o-f-o---f-------o-f--
      a1         oo!------------------------
      a2         ------oo!------------------
      a3         ------------oo!------------
      a4         ----------------------oo!--
    `;
    expect(play(diagram, { opens: { a: { fails: 'auth' } }, policies: attempts(1, 2, 8) })).toBe(diagram);
  });

  it('a server that takes every connection and drops every query is not opened anew at the pace of its callers', () => {
    const { log, heard, resource } = asking(20_000, {}, (stage) => stage.broken());
    expect(log.filter((line) => line.includes('opening'))).toHaveLength(10);
    expect(heard).toHaveLength(10);
    expect(heard.every((line) => /a\d+$/.test(line))).toBe(true);
    expect(resource.opened).toBe(resource.closed);
  });

  it('what has served for a while and breaks is opened anew at once', () => {
    const { log } = timeline({
      0: (stage) => (stage.aim('a'), stage.want()),
      [retry.maxDelay + 2]: (stage) => stage.broken(),
    });
    expect(log.slice(2)).toEqual(['5002 retired a1 (failed)', '5002 closed a1', '5002 opening a2', '5004 ready a2']);
  });
});

describe('promise 3: leases are sacred', () => {
  it.each([
    ['a change', 'config     a---b----------'],
    ['reset()', 'reset      ----x----------'],
    ['close()', 'close      ----x----------'],
    ['a section that is gone', 'config     a---0----------'],
    ['another kind', 'config     a---1----------'],
    ['a broken instance', 'broken     ----x----------'],
  ])('nothing closes an instance under a lease: %s', (_, line) => {
    const drawn = play(`
      ${line.startsWith('config') ? line : `config     a--------------\n      ${line}`}
      lease leo  ^-------!------
      leo hears  --a------------
      a1         oo==~~~~x------
    `);
    expect(drawn).toContain('leo hears  --a------------');
    expect(drawn).toMatch(/a1 +oo(==~~~~|====~~)x------/);
  });

  it('the end of its ttl neither', () => {
    const diagram = `
      config     a-----------------
      lease leo  ^-----------!-----
      leo hears  --a---------------
      status     o-r---p-r---i-----
      a1         oo======~~~~x-----
      a2         ------oo====x-----
    `;
    expect(play(diagram, { policies: { ttl: 4 } })).toBe(diagram);
  });

  it('before drainTimeout; then the lease is aborted, and the instance closed', () => {
    const diagram = `
      config     a-----b--------------
      want ann   ^--------------------
      lease leo  ---^-----------------
      leo hears  ---a---------!-------
      a1         oo======~~~~~x-------
      b2         ------oo=============
    `;
    expect(play(diagram, { policies: { drainTimeout: 5 } })).toBe(diagram);
  });

  it('drainTimeout 0 cuts at the swap', () => {
    const diagram = `
      config     a-----b--------
      lease leo  ^--------------
      leo hears  --a-----!------
      a1         oo======x------
      b2         ------oo=======
    `;
    expect(play(diagram, { policies: { drainTimeout: 0 } })).toBe(diagram);
  });

  it('drainTimeout Infinity waits for ever', () => {
    const day = 86_400_000;
    const stage = timeline(
      { 0: (it) => (it.aim('a'), it.lease()), 10: (it) => it.lifecycle.close(), [90 * day]: (it) => it.release() },
      { policies: { drainTimeout: Infinity } },
    );
    expect(stage.log.slice(-2)).toEqual(['10 retired a1 (closed)', `${90 * day} closed a1`]);
    expect(stage.heard).toEqual(['2 leo: a1']);
  });

  it('the signal fires, with the error that the lease ends with', () => {
    const reasons: unknown[] = [];
    timeline(
      {
        0: (stage) => (stage.aim('a'), stage.lease()),
        5: ({ leases }) => {
          const { signal } = leases.get('leo')!;
          signal.addEventListener('abort', () => reasons.push(signal.reason));
        },
        10: ({ lifecycle }) => lifecycle.close(),
      },
      { policies: { drainTimeout: 20 } },
    );
    expect(reasons).toMatchObject([{ code: 'lease_aborted' }]);
  });
});

describe('promise 4: make before break', () => {
  it('connects while the old one serves; newcomers move in one step; the old one drains', () => {
    const diagram = `
      config     a-----b------------
      want ann   ^------------------
      lease leo  ---^-------!-------
      lease mia  -------^---!-------
      lease nel  ---------^-!-------
      ann hears  --a-----b----------
      leo hears  ---a---------------
      mia hears  -------a-----------
      nel hears  ---------b---------
      status     o-r---p-r----------
      a1         oo======~~~x-------
      b2         ------oo===========
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('also while it is only open and cached', () => {
    const diagram = `
      config     a-----b-----
      ask ann    ^-----------
      ann hears  --a---------
      status     o-r---p-r---
      a1         oo======x---
      b2         ------oo====
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('what fails its check never serves', () => {
    const diagram = `
      config     a-----b-----------
      want ann   ^-----------------
      ann hears  --a---------------
      status     o-r---p--d--------
      a1         oo================
      b2         ------ooo!--------
    `;
    expect(play(diagram, { opens: { b: { failsCheck: 'config' } } })).toBe(diagram);
  });

  it('if it fails, the old one stays, and it is tried again by back-off', () => {
    const diagram = `
      config     a-----b--------------------
      want ann   ^--------------------------
      ask ben    ---------^-----------------
      ann hears  --a-----------------b------
      ben hears  ---------a-----------------
      status     o-r---p-d-----------r------
      a1         oo==================x------
      b2         ------oo!------------------
      b3         ----------oo!--------------
      b4         ----------------oooo=======
    `;
    const fails = 'transient' as const;
    const opens = { b: [{ fails }, { fails }, { takes: 4 }] };
    expect(play(diagram, { opens, policies: attempts(3) })).toBe(diagram);
  });

  it('and at the next change', () => {
    const diagram = `
      config     a-----b-----c------
      want ann   ^------------------
      ann hears  --a-----------c----
      status     o-r---p-d---p-r----
      a1         oo============x----
      b2         ------oo!----------
      c3         ------------oo=====
    `;
    expect(play(diagram, { opens: { b: { fails: 'config' } } })).toBe(diagram);
  });

  it('set back to the config in use, it is ready again, and nothing is opened', () => {
    const diagram = `
      config     a-----b-----a------
      want ann   ^------------------
      ann hears  --a----------------
      status     o-r---p-d---r------
      a1         oo=================
      b2         ------oo!----------
    `;
    expect(play(diagram, { opens: { b: { fails: 'auth' } } })).toBe(diagram);
  });

  it('refused credentials are tried at the slowest step', () => {
    const diagram = `
      config     a-----b----------------------
      want ann   ^----------------------------
      ann hears  --a--------------------------
      status     o-r---p-d--------------------
      a1         oo===========================
      b2         ------oo!--------------------
      b3         ----------------oo!----------
      b4         --------------------------oo!
    `;
    expect(play(diagram, { opens: { b: { fails: 'auth' } }, policies: attempts(3, 2, 8) })).toBe(diagram);
  });

  it('a broken config is tried only when it changes', () => {
    const { log } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.want()), 10: (stage) => stage.aim('b') },
      { opens: { b: { fails: 'config' } }, until: 1e9 },
    );
    expect(log.slice(2)).toEqual(['10 opening b2', '12 failed b2 (open_failed), again in Infinity']);
  });

  it('a candidate that is not ready is abandoned by a newer config', () => {
    const diagram = `
      config     a-----bc-----------
      want ann   ^------------------
      ann hears  --a------c---------
      status     o-r---p--r---------
      a1         oo=======x---------
      b2         ------ox-----------
      c3         -------oo==========
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('the old one gives up what nobody uses at the swap, before its leases are gone', () => {
    const { resource } = timeline({
      0: (stage) => (stage.aim('a'), stage.lease()),
      10: (stage) => stage.aim('b'),
      13: ({ resource: { raws } }) => expect(raws.map(({ state }) => state)).toEqual(['retired', 'open']),
      20: (stage) => stage.release(),
    });
    expect(resource.raws.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  it('where two cannot live side by side: drain, close, then open; newcomers wait', () => {
    const diagram = `
      config     a-----b--------------
      want ann   ^--------------------
      lease leo  ---^----!------------
      ask ben    -------^-------------
      ann hears  --a---------b--------
      ben hears  ------------b--------
      status     o-r---o-----r--------
      a1         oo====~~~~x----------
      b2         ----------oo=========
    `;
    expect(play(diagram, { overlap: false, closes: { a: { takes: 2 } } })).toBe(diagram);
  });
});

describe('promise 5: ttl', () => {
  it('counts from opening, is not extended by use, and makes before it breaks', () => {
    const diagram = `
      config     a-----------------
      want ann   ^-----------------
      lease leo  -----^!-----------
      ann hears  --a-------a-------
      status     o-r-----p-r-----p-
      a1         oo========x-------
      a2         --------oo========
      a3         ----------------oo
    `;
    expect(play(diagram, { policies: { ttl: 6 } })).toBe(diagram);
  });

  it('without interest and lease it closes, by a timer', () => {
    const diagram = `
      config     a-----------
      ask ann    ^-----------
      ann hears  --a---------
      status     o-r-----i---
      a1         oo======x---
    `;
    expect(play(diagram, { policies: { ttl: 6 } })).toBe(diagram);
  });

  it('expired, and its replacement fails: it serves on, and closes when its last user leaves', () => {
    const diagram = `
      config     a----------------
      want ann   ^-------------!--
      ask ben    -----------^-----
      ann hears  --a--------------
      ben hears  -----------a-----
      status     o-r---p-d-----i--
      a1         oo============x--
      a2         ------oo!--------
    `;
    expect(play(diagram, { opens: { a: [{}, { fails: 'config' }] }, policies: { ttl: 4 } })).toBe(diagram);
  });

  it('works beyond what a timer of the platform can hold', () => {
    const day = 86_400_000;
    const { log } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.ask()) },
      { policies: { ttl: 60 * day }, until: 100 * day },
    );
    expect(log).toEqual([
      '0 opening a1',
      '2 ready a1',
      `${60 * day + 2} retired a1 (expired)`,
      `${60 * day + 2} closed a1`,
    ]);
  });

  it('a new ttl holds for what is open already', () => {
    const { log } = timeline({
      0: (stage) => (stage.aim('a', { ttl: 500 }), stage.want()),
      100: (stage) => stage.aim('a', { ttl: 300 }),
      200: (stage) => stage.leave(),
    });
    expect(log).toEqual(['0 opening a1', '2 ready a1', '302 retired a1 (expired)', '302 closed a1']);
  });
});

describe('credentials that run out', () => {
  const lasting = (lifetime: number) => ({ expiresAt: (now: number) => now + lifetime });

  it('are renewed ahead, and the next instance serves before the old one is let go', () => {
    const { log } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.want()) },
      { opens: { a: lasting(10_000) }, until: 17_000 },
    );
    expect(log).toEqual([
      ...['0 opening a1', '2 ready a1'],
      ...['8002 opening a2', '8004 ready a2', '8004 retired a1 (expired)', '8004 closed a1'],
      ...['16004 opening a3', '16006 ready a3', '16006 retired a2 (expired)', '16006 closed a2'],
    ]);
  });

  it('are renewed at the place of the process in the spread', () => {
    const at = (spreadOffset: number): string[] =>
      timeline(
        { 0: (stage) => (stage.aim('a'), stage.want()) },
        {
          opens: { a: lasting(10_000) },
          policies: { spread: 2000 },
          spreadOffset,
          until: 8500,
        },
      ).log.filter((line) => line.endsWith('opening a2'));
    expect([0, 0.25, 1].flatMap(at)).toEqual(['8002 opening a2', '7502 opening a2', '6002 opening a2']);
  });

  it('that cannot be had anew: the old ones serve, and it is tried again', () => {
    const opens = { a: [lasting(10_000), { fails: 'transient' as const }, lasting(10_000)] };
    const { log } = timeline({ 0: (stage) => (stage.aim('a'), stage.want()) }, { opens, until: 9000 });
    expect(log).toEqual([
      ...['0 opening a1', '2 ready a1', '8002 opening a2', '8004 failed a2 (open_failed), again in 100'],
      ...['8104 opening a3', '8106 ready a3', '8106 retired a1 (expired)', '8106 closed a1'],
    ]);
  });

  it('of what nobody uses: it closes', () => {
    const { log } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.ask()) },
      { opens: { a: lasting(10_000) }, until: 20_000 },
    );
    expect(log).toEqual(['0 opening a1', '2 ready a1', '8002 retired a1 (expired)', '8002 closed a1']);
  });
});

describe('promise 6: eviction', () => {
  it('leaves alone what somebody wants or leases', () => {
    const diagram = `
      config     a---------------
      want ann   ^----!----------
      lease leo  ---^-----!------
      evict      ----x-x-----x---
      status     o-r---------i---
      a1         oo==========x---
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('who comes back opens anew', () => {
    const diagram = `
      config     a-----------
      ask ann    ^-----------
      evict      ----x-------
      ask ben    ------^-----
      ann hears  --a---------
      ben hears  --------a---
      a1         oo==x-------
      a2         ------oo====
    `;
    expect(play(diagram)).toBe(diagram);
  });
});

describe('idleTimeout', () => {
  it('closes what was without interest and lease for so long', () => {
    const diagram = `
      config     a----------------------
      want ann   ^--!-------------------
      lease leo  -----^--!--------------
      status     o-r---------i----------
      a1         oo==========x----------
    `;
    expect(play(diagram, { policies: { idleTimeout: 4 } })).toBe(diagram);
  });

  it('0 closes at once', () => {
    const diagram = `
      config     a--------
      want ann   ^---!----
      status     o-r-i----
      a1         oo==x----
    `;
    expect(play(diagram, { policies: { idleTimeout: 0 } })).toBe(diagram);
  });

  it('counts also for what took the place of an instance under its last lease', () => {
    const diagram = `
      config     a-----b-------------
      lease leo  ^---------------!---
      leo hears  --a-----------------
      status     o-r---p-r---i-------
      a1         oo======~~~~~~~~x---
      b2         ------oo====x-------
    `;
    expect(play(diagram, { policies: { idleTimeout: 4 } })).toBe(diagram);
  });
});

describe('promise 7: reset() never leaks', () => {
  it('no new leases, a new one at once where somebody wants it; the old one drains and closes', () => {
    const diagram = `
      config     a------------------
      want ann   ^------------------
      lease leo  ---^-------!-------
      reset      -----x-------------
      lease mia  ------^------------
      ann hears  --a----a-----------
      leo hears  ---a---------------
      mia hears  -------a-----------
      status     o-r--o-r-----------
      a1         oo===~~~~~~x-------
      a2         -----oo============
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('where nobody wants it, it is only closed', () => {
    const diagram = `
      config     a-----------
      ask ann    ^-----------
      reset      -----x------
      ann hears  --a---------
      status     o-r--i------
      a1         oo===x------
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('many in a row close all that they open', () => {
    const script = Object.fromEntries(
      Array.from({ length: 50 }, (_, nth) => [nth, (stage: Stage) => stage.lifecycle.reset()]),
    );
    const { resource } = timeline(
      {
        ...script,
        0: (stage) => (stage.aim('a'), stage.want()),
        60: (stage) => expect(stage.status).toBe('ready'),
        70: (stage) => stage.lifecycle.close(),
      },
      { opens: { a: { takes: 2, deaf: true } } },
    );
    expect(resource.opened).toBeGreaterThan(40);
    expect(resource.closed).toBe(resource.opened);
  });
});

describe('promise 8: close()', () => {
  it('refuses newcomers, tells who waits, drains and closes', () => {
    const diagram = `
      config     a---------------
      want ann   ^---------------
      lease leo  ---^------!-----
      close      -----x----------
      ask ben    -------^--------
      ann hears  --a--c----------
      leo hears  ---a------------
      ben hears  -------c--------
      status     o-r--c----------
      a1         oo===~~~~~x-----
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('leaves no timer behind, and neither does what is at rest', () => {
    const scheduler = new VirtualTimeScheduler();
    const stage = new Stage(scheduler, { policies: { ttl: 1000, idleTimeout: 500, drainTimeout: 100 } });
    stage.aim('a');
    expect(pending(scheduler)).toBe(0);
    stage.want();
    scheduler.maxFrames = 10;
    scheduler.flush();
    expect(pending(scheduler)).toBe(1);
    stage.leave();
    expect(pending(scheduler)).toBe(2);
    stage.lease();
    stage.lifecycle.close();
    expect(pending(scheduler)).toBe(1);
    stage.release();
    expect(pending(scheduler)).toBe(0);
    expect(stage.lifecycle.ending).toBe(false);
  });

  it('what is at rest keeps nothing of what it was, and is woken by who wants it', () => {
    const stage = timeline(
      {
        0: (it) => (it.aim('a'), it.ask('ann')),
        10: (it) => expect(it.lifecycle.state).toEqual({ ...idleState, generation: 1 }),
        20: (it) => it.ask('ben'),
        30: (it) => it.lifecycle.close(),
        40: (it) => (it.lifecycle.forget(), it.ask('cat')),
      },
      { policies: { idleTimeout: 5 } },
    );
    expect(stage.heard).toEqual(['2 ann: a1', '22 ben: a2', '40 cat: closed']);
  });

  it('says when everything has ended', () => {
    const ends: string[] = [];
    timeline(
      {
        0: (stage) => (stage.aim('a'), stage.lease()),
        10: (stage) => {
          stage.lifecycle.close();
          stage.host.work.empty$.subscribe(() => ends.push(`${stage.now} empty`));
        },
        30: (stage) => stage.release(),
      },
      { closes: { a: { takes: 7 } } },
    );
    expect(ends).toEqual(['37 empty']);
  });

  it('in the end cuts the leases and waits for no disconnect', () => {
    const stage = timeline(
      {
        0: (it) => (it.aim('a'), it.lease()),
        10: (it) => it.lifecycle.close(),
        20: (it) => it.host.force$.next(),
        21: (it) => expect([it.lifecycle.ending, it.host.work.running]).toEqual([false, 0]),
      },
      { policies: { drainTimeout: Infinity, closeTimeout: Infinity }, closes: { a: { hangs: true } } },
    );
    expect(stage.heard).toEqual(['2 leo: a1', '20 leo: lease_aborted']);
    expect(stage.log.slice(2)).toEqual([
      '10 retired a1 (closed)',
      '20 lease aborted a1',
      '20 closed a1 (close_failed)',
    ]);
  });
});

describe('promise 9: every end of an asynchronous step speaks for its own generation', () => {
  it('what arrives after it was given up is closed, and nobody sees it', () => {
    const diagram = `
      config     a-b---------
      want ann   ^-----------
      ann hears  ----b-------
      status     o---r-------
      a1         ooxx--------
      b2         --oo========
    `;
    expect(play(diagram, { opens: { a: { takes: 3, deaf: true } } })).toBe(diagram);
  });

  it('a failure of what was given up changes nothing', () => {
    const diagram = `
      config     a-b---------
      want ann   ^-----------
      ann hears  ----b-------
      status     o---r-------
      a1         oox---------
      b2         --oo========
    `;
    expect(play(diagram, { opens: { a: { takes: 6, deaf: true, fails: 'config' } } })).toBe(diagram);
  });

  it('a report of a broken instance that is not the current one changes nothing', () => {
    let old: Stage['lifecycle']['state']['current'];
    const { log, lifecycle } = timeline({
      0: (stage) => (stage.aim('a'), stage.want()),
      10: (stage) => {
        old = stage.lifecycle.state.current;
        stage.aim('b');
      },
      30: (stage) => stage.broken(old),
    });
    expect(log.at(-1)).toBe('12 closed a1');
    expect(lifecycle.state.current?.generation).toBe(2);
  });
});

describe('promise 10: a stream errors only before its first value', () => {
  it('callers are told after one round of attempts, and it goes on for who stays', () => {
    const diagram = `
      config     a-------------------------
      want ann   ^-------------------------
      ask ben    -^------------------------
      ann hears  ------------!-----------a-
      ben hears  ------------!-------------
      status     o-----------f-------o---r-
      a1         oo!-----------------------
      a2         ----oo!-------------------
      a3         ----------oo!-------------
      a4         --------------------oooo==
    `;
    const fails = 'transient' as const;
    const opens = { a: [{ fails }, { fails }, { fails }, { takes: 4 }] };
    expect(play(diagram, { opens, policies: attempts(3) })).toBe(diagram);
  });

  it('after its first value it waits: the next instance is the next value', () => {
    const diagram = `
      config     a---0----b-------
      want ann   ^----------------
      ann hears  --a-!------b-----
      status     o-r-f----o-r-----
      a1         oo==x------------
      b2         ---------oo======
    `;
    expect(play(diagram)).toBe(diagram);
  });

  it('who leaves ends the back-off', () => {
    const diagram = `
      config     a---------------
      want ann   ^--!------------
      status     o-f-------------
      a1         oo!-------------
    `;
    expect(play(diagram, { opens: { a: { fails: 'auth' } } })).toBe(diagram);
  });

  it.each([
    ['transient failures back off', 'transient', [0, 4, 10, 20, 30, 40]],
    ['auth failures wait for the slowest step', 'auth', [0, 10, 20, 30, 40]],
    ['config failures wait for a change', 'config', [0]],
  ] as const)('attempts: Infinity: %s', (_, fails, openings) => {
    const { log } = timeline(
      { 0: (stage) => (stage.aim('a'), stage.want()) },
      { opens: { a: { fails } }, policies: attempts(Infinity, 2, 8), until: 45 },
    );
    const opened = log.filter((line) => line.includes('opening')).map((line) => parseInt(line, 10));
    expect(opened).toEqual(openings);
  });

  it.each(['auth', 'config'] as const)('attempts: Infinity: %s failures try at once on a change', (fails) => {
    const diagram = `
      config     a----b------
      want ann   ^-----------
      status     o-f--o-r----
      a1         oo!---------
      b2         -----oo=====
    `;
    const policies = { retry: { ...retry, attempts: Infinity } };
    expect(play(diagram, { opens: { a: { fails } }, policies })).toBe(diagram);
  });

  it('a caller waits for the round of a config that came in the middle of one, and no longer', () => {
    const diagram = `
      config     a----b-------------
      ask ann    ^------------------
      ann hears  -----------!-------
      status     o----------f-------
      a1         oo!----------------
      a2         ----ox-------------
      b3         -----oo!-----------
      b4         ---------oo!-------
    `;
    const fails = 'transient' as const;
    expect(play(diagram, { opens: { a: { fails }, b: { fails } }, policies: attempts(2) })).toBe(diagram);
  });
});
