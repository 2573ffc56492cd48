// What a call costs when the instance is open: 64 warm names, in one process, interleaved with the peers.
import { createConnections, inline } from 'hotline';
import { nanosecondsEach, nanosecondsEachSync } from './support/lab.js';
import { memoryKind } from './support/memory.js';
import { openPeers } from './support/peers.js';

export const about = {
  question: 'What does a call cost when the instance is open? 64 warm names in turn, in one process.',
  peers: ['rxjs', 'lru-cache', 'generic-pool', 'effect', '@tanstack/query-core'],
};

const names = Array.from({ length: 64 }, (_, i) => `name${i}`);
const times = 5_000;

const bare = 'share + ReplaySubject: subscribe, value, unsubscribe';
const bareFirst = 'await firstValueFrom(share + ReplaySubject)';
const stream = 'hotline connection$(name): subscribe, value, unsubscribe';
const promise = 'hotline await connection(name)';
const use = 'hotline await use(fn)';
const call = 'await fn()';

export default async function (lab) {
  const { Memory, counts } = memoryKind();
  const connections = Object.fromEntries(names.map((name, n) => [name, { type: 'memory', n }]));
  const hot = createConnections({ sources: [inline({ connections })], types: { memory: Memory } });
  const handles = await Promise.all(names.map((name) => hot.connection(name)));
  const peers = await openPeers(names, times);

  const ignore = () => undefined;
  const fn = async () => 1;
  const hits = await lab.compare({
    title: 'A warm hit',
    unit: 'ns',
    rounds: 41,
    warmup: 10,
    baseline: bare,
    variants: {
      [stream]: () =>
        nanosecondsEachSync(times, (i) =>
          hot
            .connection$(names[i % 64])
            .subscribe(ignore)
            .unsubscribe(),
        ),
      [promise]: () => nanosecondsEach(times, (i) => hot.connection(names[i % 64])),
      [use]: () => nanosecondsEach(times, (i) => handles[i % 64].use(fn)),
      [call]: () => nanosecondsEach(times, fn),
      ...peers.variants,
    },
  });

  lab.atMost('connection$(name) over a bare share with a ReplaySubject', hits.low(stream, bare), 1.5, '×');
  lab.atMost('await connection(name) over firstValueFrom of that', hits.low(promise, bareFirst), 0.6, '×');
  lab.atMost('use(fn) over calling fn', hits.added(use, call), 350, 'ns');
  for (const peer of ['Effect RcMap.get, scoped', 'await TanStack fetchQuery'])
    for (const ours of [promise, use]) lab.atMost(`${ours} over ${peer}`, hits.ratio(ours, peer), 1, '×');
  lab.beside(hits, promise, {
    'await lru-cache fetch': 'it keeps a value, and knows neither leases nor instances that are replaced under them.',
    'generic-pool acquire, release':
      'it lends one resource at a time, without a name to resolve or a status to look at.',
    [bareFirst]: 'it is the one operator that hotline builds on, without a registry around it.',
  });
  lab.beside(hits, use, {
    'generic-pool acquire, release':
      'it lends a resource without telling it when to stop; use() makes a lease that can be aborted.',
  });

  // Of the same run: a hit that opened something would have been no hit.
  lab.atMost('instances opened beyond one for each name', counts.opened - names.length, 0);
  await hot.close();
  lab.atMost('instances leaked', counts.opened - counts.closed, 0);
  await peers.close();
}
