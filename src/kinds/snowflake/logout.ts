import type { Connection } from 'snowflake-sdk';
import { Call } from './call.ts';
import type { LoadedDriver } from './driver.ts';
import type { SessionOptions } from './driver-options.ts';

/** Milliseconds that a server has to answer a logout. */
const grace = 5000;

/** The server's answer to a token that has expired while the session lives on. */
const expired = /"code"\s*:\s*"390112"/;

/**
 * Logs out; resolves however that ends. The driver counts a session as closed when its token has expired, but on the
 * server it would stay for hours: then the token is renewed, and the logout is sent with the new one.
 */
export async function logOut(
  connection: Connection,
  { driver: options }: SessionOptions,
  { driver }: LoadedDriver,
  signal?: AbortSignal,
): Promise<void> {
  let answer: unknown;
  // What is sent again is heard of each time, so silence alone would not end it.
  const over = AbortSignal.any([AbortSignal.timeout(grace), ...(signal ? [signal] : [])]);
  const call = new Call({ signal: over, silence: grace, answered: (data) => (answer = data) });
  // The driver forgets them when it logs out.
  const tokens = driver.serializeConnection(connection);
  const leave = async (): Promise<void> => {
    await destroyed(connection);
    if (!expired.test(String(answer))) return;
    const again = driver.deserializeConnection({ ...options }, tokens);
    await again.isValidAsync();
    await destroyed(again);
  };
  await call.during(leave).catch(() => undefined);
  call.end();
}

function destroyed(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    connection.destroy(() => resolve());
  });
}
