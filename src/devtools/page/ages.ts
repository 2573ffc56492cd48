const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** How long something takes or took, in the largest unit that fits: `12 s`, `3 min`. */
export function span(milliseconds: number): string {
  const [unit, size] = units.find(([, least]) => milliseconds >= least) ?? ['s', 1_000];
  return `${Math.floor(Math.max(0, milliseconds) / size)} ${unit}`;
}

/** How long ago something was. */
export function ago(milliseconds: number): string {
  return milliseconds < 1_000 ? 'just now' : `${span(milliseconds)} ago`;
}

/** How long it will take until something happens; full seconds, so that it never says "in 0 s". */
export function ahead(milliseconds: number): string {
  return milliseconds <= 0 ? 'now' : `in ${span(Math.ceil(milliseconds / 1_000) * 1_000)}`;
}

/** The time of day, as clocks show it. */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}
