import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Console } from '../../../src/cli/console.ts';
import { program } from '../../../src/cli/program.ts';

type Words = readonly string[];
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>;
/** What is not ours to check. */
const others = ['cd', 'mkdir', 'kubectl', 'psql', 'nats'];

/** Packages that a reader has and this project does not: the specs of whole applications install them. */
const ofReaders = ['typeorm', '@nestjs/typeorm'];

/** What is wrong with the commands of a block: an unknown command, option, script, package or file. */
export function shellProblems(code: string): readonly string[] {
  const lines = code.split('\n').map((line) => line.replace(/(^|\s)#.*/, ''));
  const commands = lines.flatMap((line) => line.split(/\s(?:&&|\|)\s/)).map(words);
  return commands.filter((command) => command.length > 0).flatMap(problems);
}

function problems([command = '', ...args]: Words): readonly string[] {
  if (command === 'npx') return problems(args);
  if (command === 'hotline') return hotline(args);
  if (command === 'npm') return npm(args);
  if (command === 'bash' || command === 'node')
    return existsSync(args[0] ?? '') ? [] : [`there is no file ${args[0] ?? ''}`];
  return others.includes(command) ? [] : [`${command} is no command that this spec knows`];
}

function hotline([name = '', ...args]: Words): readonly string[] {
  const all = program({ out: {}, err: {} } as Console, () => undefined);
  const command = all.commands.find((one) => one.name() === name);
  if (!command) return [`hotline has no command ${name}`];
  const options = args.filter((arg) => arg.startsWith('--'));
  return options
    .filter((option) => ![all, command].some((one) => knows(one, option)))
    .map((option) => `hotline ${name} has no ${option}`);
}

function knows(command: Command, option: string): boolean {
  return command.options.some(({ long }) => long === option);
}

function npm([verb = '', ...args]: Words): readonly string[] {
  const names = args.filter((arg) => !arg.startsWith('-'));
  if (verb === 'install') return names.filter((name) => !isKnownPackage(name)).map((name) => `unknown package ${name}`);
  const script = verb === 'run' ? names[0]! : verb;
  if (['init', 'pkg', 'install-test'].includes(verb) || script in (manifest['scripts'] ?? {})) return [];
  return [`there is no script ${script}`];
}

function isKnownPackage(name: string): boolean {
  const kinds = ['dependencies', 'peerDependencies', 'devDependencies'];
  return name === 'hotline' || ofReaders.includes(name) || kinds.some((kind) => name in (manifest[kind] ?? {}));
}

function words(command: string): Words {
  return [...command.matchAll(/"[^"]*"|'[^']*'|[^\s"']+/g)].map(([word]) => word);
}
