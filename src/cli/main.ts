#!/usr/bin/env node
import { interruption, Outlet } from './console.ts';
import { run } from './program.ts';

const env = process.argv.includes('--no-color') ? { ...process.env, NO_COLOR: '1' } : process.env;
const out = new Outlet(process.stdout, env);
const err = new Outlet(process.stderr, env);
const interrupted = interruption(process);
// The reader has gone (`hotline query … | head`): there is nobody left to work for.
process.stdout.on('error', () => interrupted.stop('reader-gone'));

void run(process.argv.slice(2), { out, err, signal: interrupted.signal }).then(async (code) => {
  await Promise.all([out.flushed(), err.flushed()]);
  process.exit(interrupted.exitCode ?? code);
});
