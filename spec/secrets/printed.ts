import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';

/** Everything that `console` says of some values, by every method and format; but for `console.table`, which reads
 * values like any program does. */
export function said(...values: unknown[]): string {
  let text = '';
  const stdout = new Writable({ write: (chunk, _, done) => (((text += String(chunk)), done()), undefined) });
  const console = new Console({ stdout, stderr: stdout });
  for (const value of values) {
    for (const format of ['%s', '%o', '%O', '%j', '%d', '%i']) console.log(format, value);
    console.log(value);
    console.log({ value }, [value]);
    console.dir(value, { depth: null, showHidden: true });
    console.error(
      `${JSON.stringify(value)} ${String(value)} ${inspect(value, { depth: null, showHidden: true, showProxy: true })}`,
    );
    console.log(inspect(new Error('x', { cause: value }), { depth: null }));
  }
  return text;
}
