import { visible } from './text.ts';

/** The words that start hotline from a script or by a runner of packages, by the package manager that runs it. */
const runners: Readonly<Record<string, string>> = {
  npm: 'npx hotline',
  pnpm: 'pnpm exec hotline',
  yarn: 'yarn hotline',
  bun: 'bunx hotline',
};

/** A command line that somebody may type next, begun as this one was: `npx hotline init`, or `hotline init` where it is on the path. */
export function commandLine(words: string, env: NodeJS.ProcessEnv = process.env): string {
  const agent = /^[a-z]+/.exec(env['npm_config_user_agent'] ?? '')?.[0] ?? '';
  return `${Object.hasOwn(runners, agent) ? runners[agent]! : 'hotline'} ${words}`;
}

/** A word as a shell takes it. */
export function shellWord(word: string): string {
  const safe = visible(word);
  return /^[\w./:@%+=-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", String.raw`'\''`)}'`;
}
