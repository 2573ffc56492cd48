import { Writable } from 'node:stream';
import { Outlet } from '../../../src/cli/console.ts';

/** An outlet without a terminal behind it, and what was written to it. */
export function screen({ isTTY = false, columns = 80 } = {}, env: NodeJS.ProcessEnv = { NO_COLOR: '1' }) {
  let text = '';
  const target = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    }),
    { isTTY, columns },
  );
  return {
    outlet: new Outlet(target, env),
    get text() {
      return text;
    },
  };
}
