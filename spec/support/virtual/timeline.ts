import { TestScheduler } from 'rxjs/testing';
import { Stage, type StageOptions } from './stage.ts';

/** What is done to a connection, by the millisecond. */
export type Script = Readonly<Record<number, (stage: Stage) => void>>;

/** Plays a script in virtual time, up to `until` (default: one second after its last line); the stage has the record. */
export function timeline(script: Script, options: StageOptions & { readonly until?: number } = {}): Stage {
  const scheduler = new TestScheduler(() => undefined);
  return scheduler.run(() => {
    const lines = Object.entries(script).map(([at, act]) => ({ at: Number(at), act }));
    const stage = new Stage(scheduler, options);
    scheduler.maxFrames = options.until ?? Math.max(...lines.map(({ at }) => at)) + 1000;
    for (const { at, act } of lines) scheduler.schedule(() => act(stage), at);
    scheduler.flush();
    return stage;
  });
}

/** What is still scheduled. */
export function pending(scheduler: { readonly actions: readonly { readonly closed: boolean }[] }): number {
  return scheduler.actions.filter(({ closed }) => !closed).length;
}
