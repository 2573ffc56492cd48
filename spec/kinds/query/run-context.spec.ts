import { describe, expect, it } from '@jest/globals';
import { Run } from '../../../src/kinds/query/driver.ts';

describe('Run', () => {
  it('asks for the signal of the lease when it is asked, not before', () => {
    let asked = 0;
    const { signal } = new AbortController();
    const lease = {
      get signal() {
        asked++;
        return signal;
      },
    };
    const run = new Run(lease, true, { timeout: 10, maxRows: 5 });
    expect(asked).toBe(0);
    expect(run.signal).toBe(signal);
    expect(run).toMatchObject({ write: true, timeout: 10, maxRows: 5 });
  });
});
