import { createConnections, inline, QueryConnection } from 'hotline';

/** A kind that runs statements and has no server, so that what is measured is hotline. */
class Answering extends QueryConnection {
  connect() {
    return {
      raw: undefined,
      run: async () => ({ rows: [], rowCount: 0 }),
      openCursor: () => Promise.reject(new Error('It has no cursors.')),
      begin: () => Promise.reject(new Error('It has no transactions.')),
      close: () => undefined,
    };
  }
}

/** Many open connections, and work on them at a rate. */
export async function manyConnections(count) {
  const names = Array.from({ length: count }, (_, n) => `tenant-${String(n).padStart(4, '0')}`);
  const connections = Object.fromEntries(names.map((name) => [name, { type: 'answering' }]));
  const hot = createConnections({ sources: [inline({ connections })], types: { answering: Answering } });
  const handles = await Promise.all(names.map((name) => hot.connection(name)));
  const held = names.map((name) => hot.connection$(name).subscribe());
  let next = 0;
  const another = () => handles[next++ % count];
  return {
    hot,
    loads: {
      none: () => undefined,
      '1,000 statements': everyTick(10, () => another().query('select name from pet')),
      // Each reset is four events: retired, opening, ready, closed.
      '1,000 events': everyTick(2.5, () => another().reset()),
    },
    async end() {
      for (const one of held) one.unsubscribe();
      await hot.close();
    },
  };
}

/** Starts to do something `times` in ten milliseconds, and returns what stops it. */
function everyTick(times, work) {
  return () => {
    const began = performance.now();
    let done = 0;
    const timer = setInterval(() => {
      for (const due = ((performance.now() - began) / 10) * times; done < due; done++) void work();
    }, 10);
    return () => clearInterval(timer);
  };
}
