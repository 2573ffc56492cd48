import { TestScheduler } from 'rxjs/testing';
import type { LifecycleEvent } from '../../../src/lifecycle/index.ts';
import { Stage, type StageOptions } from './stage.ts';

const statusLetters: Readonly<Record<string, string>> = { replacing: 'p' };

/**
 * Plays a connection over time that is drawn as a diagram, one column a millisecond. What is given:
 *
 * - `config`: a letter is a new config, `0` a section that is gone, `1` a kind that changed;
 * - `want …`, `lease …`, `ask …`: from `^` to `!`; `…` names the user;
 * - `reset`, `evict`, `close`, `broken`: at each `x`.
 *
 * What is expected:
 *
 * - `status`: where it changes: i(dle), o(pening), r(eady), p (replacing), d(egraded), f(ailed), c(losed);
 * - `a1`, `b2`, …: an instance: `o` opening, `=` serving, `~` draining or closing, `x` closed or given up, `!` failed;
 * - `… hears`: what a user is told: the config of an instance, `!` an error, `c` that it is closed.
 *
 * Returns the diagram with the expected lines as they really came out, and every instance that it does not name.
 */
export function play(diagram: string, options: StageOptions = {}): string {
  const given = diagram.split('\n').flatMap((text) => {
    const [, head, name, marbles] = /^(\s*(\S.*?)\s{2,})(\S+)$/.exec(text) ?? [];
    return head && name && marbles ? [{ head, name, marbles }] : [];
  });
  const width = Math.max(...given.map(({ marbles }) => marbles.length));
  const drawn = draw(given, width, options);
  const lines = given.map(
    ({ head, name, marbles }) => head + (isInput(name) ? marbles : (drawn[name] ?? blank(width))),
  );
  const unnamed = Object.keys(drawn).filter((name) => /\d$/.test(name) && given.every((line) => line.name !== name));
  return ['', ...lines, ...unnamed.map((name) => `${name}  ${drawn[name]}`), /[^\n]*$/.exec(diagram)![0]].join('\n');
}

interface Line {
  readonly name: string;
  readonly marbles: string;
}

function draw(given: readonly Line[], width: number, options: StageOptions): Record<string, string> {
  const scheduler = new TestScheduler(() => undefined);
  return scheduler.run(({ hot }) => {
    const stage = new Stage(scheduler, options);
    for (const { name, marbles } of given) {
      const act = input(stage, name);
      if (!act) continue;
      // RxJS reads `^` and `!` as its own marks.
      hot(marbles.replaceAll('^', 'v').replaceAll('!', '.')).subscribe(act);
    }
    const seen = watch(stage);
    for (let at = 0; at < width; at++) {
      scheduler.maxFrames = at;
      scheduler.flush();
      seen.column();
    }
    return seen.lines;
  });
}

function blank(width: number): string {
  return '-'.repeat(width);
}

function isInput(name: string): boolean {
  return /^(config|reset|evict|close|broken|(want|lease|ask) \w+)$/.test(name);
}

function input(stage: Stage, line: string): ((mark: string) => void) | undefined {
  const { lifecycle } = stage;
  const [what, user] = line.split(' ');
  switch (isInput(line) && what) {
    case 'config':
      return (mark) => (mark === '0' ? stage.remove() : mark === '1' ? stage.remove('kind-changed') : stage.aim(mark));
    case 'want':
      return (mark) => (mark === 'v' ? stage.want(user) : stage.leave(user));
    case 'lease':
      return (mark) => (mark === 'v' ? stage.lease(user) : stage.release(user));
    case 'ask':
      return (mark) => (mark === 'v' ? stage.ask(user) : stage.leave(user));
    case 'reset':
      return () => lifecycle.reset();
    case 'evict':
      return () => lifecycle.evict();
    case 'close':
      return () => lifecycle.close();
    case 'broken':
      return () => stage.broken();
    default:
      return undefined;
  }
}

/** Draws a column whenever it is told to, of what happened since the last one. */
function watch(stage: Stage): { column(): void; lines: Record<string, string> } {
  const lines: Record<string, string> = {};
  const phases: Record<string, string> = {};
  let marks: Record<string, string> = {};
  let drawn = 0;
  let heard = 0;
  stage.onStatus = (status) => (marks['status'] = statusLetters[status] ?? status[0]!);
  stage.onEvent = (event) => {
    const name = stage.nameOf(event.generation);
    const [phase, mark] = drawEvent(event, phases[name] ?? '-');
    phases[name] = phase;
    if (mark) marks[name] = mark;
  };
  return {
    column() {
      for (const line of stage.heard.slice(heard)) {
        const [, user, what = ''] = /^\d+ (\w+): (\w+)$/.exec(line)!;
        marks[`${user} hears`] = /\d$/.test(what) ? what[0]! : what === 'closed' ? 'c' : '!';
      }
      heard = stage.heard.length;
      for (const name of new Set([...Object.keys(lines), ...Object.keys(phases), ...Object.keys(marks)]))
        lines[name] = (lines[name] ?? blank(drawn)) + (marks[name] ?? phases[name] ?? '-');
      marks = {};
      drawn++;
    },
    lines,
  };
}

/** The phase that an instance is in from now on, and what this column shows instead of it. */
function drawEvent(event: LifecycleEvent, before: string): [phase: string, mark?: string] {
  switch (event.type) {
    case 'instance.opening':
      return ['o'];
    case 'instance.ready':
      return ['='];
    case 'instance.failed':
      return ['-', '!'];
    case 'instance.retired':
      return before === '=' ? ['~'] : ['-', 'x'];
    case 'instance.closed':
      return ['-', 'x'];
    case 'lease.aborted':
      return [before];
  }
}
