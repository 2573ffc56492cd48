// What became of each write, in a byte each, so that the record itself does not grow the heap that is looked at.
export const outcomes = { begun: 1, done: 2, failed: 3, rolledBack: 4 };

export function createLedger(most = 1 << 21) {
  const states = new Uint8Array(most);
  let last = 0;
  return {
    /** The id of a new write, which stands in the row that it writes. */
    begin() {
      states[++last] = outcomes.begun;
      return last;
    },
    end(id, outcome) {
      states[id] = outcome;
    },
    get writes() {
      return last;
    },
    /** Against what the databases hold: id → how many rows have it. */
    audit(counts) {
      const result = { writes: last, doubled: 0, lost: 0, 'rolled back and there': 0, unknown: 0 };
      for (const [id, count] of counts) {
        if (count > 1) result.doubled++;
        if (states[id] === outcomes.rolledBack) result['rolled back and there']++;
        if (!states[id]) result.unknown++;
      }
      for (let id = 1; id <= last; id++) if (states[id] === outcomes.done && !counts.has(id)) result.lost++;
      return result;
    },
  };
}
