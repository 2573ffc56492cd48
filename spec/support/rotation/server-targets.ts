import { startTcpProxy } from '../tcp-proxy.ts';
import type { Target } from './contender.ts';
import type { SlowLine } from './ground.ts';

const oneWay = 80;

/** The databases of servers as targets of one role. */
export function serverTargets(scheme: string, user: string, firstPassword: string) {
  return (port: number, database: string, password = firstPassword, served = port): Target => ({
    url: `${scheme}://${user}:${password}@127.0.0.1:${port}/${database}`,
    place: `${served}/${database}`,
  });
}

/** A slow line to each of two databases of the server on `port`. */
export async function slowLine(
  at: ReturnType<typeof serverTargets>,
  port: number,
  [first, second]: readonly [string, string],
): Promise<SlowLine & { close(): Promise<void> }> {
  const proxies = [await startTcpProxy(port), await startTcpProxy(port)] as const;
  const delay = (milliseconds: number): void => proxies.forEach((proxy) => proxy.delay(milliseconds));
  return {
    targets: [at(proxies[0].port, first, undefined, port), at(proxies[1].port, second, undefined, port)],
    slow: () => delay(oneWay),
    fast: () => delay(0),
    close: async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))),
  };
}
