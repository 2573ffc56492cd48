import { defer, firstValueFrom, merge } from 'rxjs';
import type { ConnectionRegistry, Secrets } from '../index.ts';

/**
 * What the sources hold.
 *
 * @throws HotlineError why they cannot be read.
 */
export async function loadSecrets(hot: ConnectionRegistry): Promise<Secrets> {
  await hot.reload();
  // Where there are no secrets now, every connection says why.
  const why$ = defer(() => hot.connection('connections'));
  return (await firstValueFrom(merge(hot.secrets$, why$))) as Secrets;
}
