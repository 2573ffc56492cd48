import { BaseConnection, type Config, type LeaseContext } from 'hotline';

/** What is behind a ClockConnection: nothing but its own record. */
export interface Clock {
  readonly config: Config;
  closed: boolean;
}

/** A kind with nothing behind it, so that a spec sees what hotline does; `opened` are its instances in order. */
export function clockKind() {
  const opened: Clock[] = [];
  let checks = 0;
  class ClockConnection extends BaseConnection<Clock> {
    static override readonly settings = { zone: { public: true }, key: {} };
    protected connect(config: Config): Clock {
      const clock = { config, closed: false };
      opened.push(clock);
      return clock;
    }
    protected override check(clock: Clock, _context: LeaseContext): void {
      checks++;
      if (clock.config['zone'] === 'nowhere') throw new Error('the clock has stopped');
    }
    protected override disconnect(clock: Clock): void {
      clock.closed = true;
    }
  }
  return {
    ClockConnection,
    opened,
    get checks() {
      return checks;
    },
  };
}
