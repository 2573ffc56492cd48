const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A duration in the largest unit that fits: `12 s`, `3 min`. */
export function span(milliseconds: number): string {
  const [unit, size] = units.find(([, least]) => milliseconds >= least) ?? ['s', 1_000];
  return `${Math.floor(Math.max(0, milliseconds) / size)} ${unit}`;
}

/** A duration without loss, in the largest unit that divides it. */
export function exact(milliseconds: number): string {
  const [unit, size] = units.find(([, least]) => milliseconds > 0 && milliseconds % least === 0) ?? ['ms', 1];
  return `${milliseconds / size} ${unit}`;
}

/** The time since an event. */
export function ago(milliseconds: number): string {
  return milliseconds < 1_000 ? 'just now' : `${span(milliseconds)} ago`;
}

/** The time until an event in full seconds, so that it never says "in 0 s". */
export function ahead(milliseconds: number): string {
  return milliseconds <= 0 ? 'now' : `in ${span(Math.ceil(milliseconds / 1_000) * 1_000)}`;
}

/** The time of day, as clocks show it. */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}
