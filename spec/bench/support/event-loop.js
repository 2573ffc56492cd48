/** Counts what an interval does while something else runs. */
export function cpuGuard(every) {
  const began = performance.now();
  let last = began;
  let ticks = 0;
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    ticks++;
  }, every);
  return {
    stop() {
      clearInterval(timer);
      const now = performance.now();
      return { ticks, longest: Math.max(longest, now - last), elapsed: now - began };
    },
  };
}
