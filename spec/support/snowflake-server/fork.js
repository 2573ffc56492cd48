import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** @type {typeof import('./fork.d.ts').forkSnowflakeServer} */
export async function forkSnowflakeServer(options = {}) {
  const child = fork(fileURLToPath(new URL('./main.js', import.meta.url)), [], {
    serialization: 'advanced', // faults may hold regular expressions and Infinity
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const waiting = new Map();
  let calls = 0;
  const accessUrl = await new Promise((resolve, reject) => {
    void exited.then((code) => reject(new Error(`the Snowflake server ended with ${code}`)));
    child.send(options);
    child.once('message', (message) => resolve(message.accessUrl));
  });
  child.on('message', ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  });
  void exited.then(() => waiting.forEach(({ reject }) => reject(new Error('the Snowflake server has ended'))));
  return {
    accessUrl,
    pid: child.pid,
    call: (path, ...args) =>
      new Promise((resolve, reject) => {
        waiting.set(++calls, { resolve, reject });
        child.send({ id: calls, path, args });
      }),
    close: async () => {
      child.disconnect();
      await exited;
    },
  };
}
