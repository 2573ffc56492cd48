import { parseEnv } from 'node:util';
import { givenOptions } from '../known-options.ts';
import { namingOptionNames, setVariables, type EnvironmentOptions } from './environment-variables.ts';
import { fileSource } from './file-source.ts';
import { decodeText } from './parse-secrets.ts';
import { fileOptionNames, type FileOptions } from './path-source.ts';
import { TreeBuilder } from './secret-tree.ts';
import type { Source } from './source.ts';

/** Options of `dotenvFile`. With `prefix: ''` all names are secrets. */
export interface DotenvOptions extends FileOptions, Omit<EnvironmentOptions, 'env'> {}

const optionNames = [...fileOptionNames, ...namingOptionNames] satisfies (keyof DotenvOptions)[];

/**
 * The variables in a `.env` file, as Node reads it, read again whenever it changes; `process.env` is left alone. Names are paths as
 * those of `environmentVariables` are: `HOTLINE__CONNECTIONS__PETS__URL` is `connections.pets.url`. For `.env.local` and others
 * name one source each; later ones win.
 *
 * @throws ConfigError `invalid_argument` when the path is none; `invalid_policy` when `settle` is no duration.
 * @example
 * const map = { DATABASE_URL: 'connections.pets.url' };
 * const hot = createConnections({ sources: [dotenvFile('.env', { map }), dotenvFile('.env.local', { map, optional: true })] });
 */
export function dotenvFile(path: string | URL, options: DotenvOptions = {}): Source {
  const { prefix, map, ignoreEmpty, files, ...rest } = givenOptions(options, optionNames);
  return fileSource(
    path,
    (bytes, file) => {
      const builder = new TreeBuilder(file.path);
      setVariables(builder, parseEnv(decodeText(bytes, file.path)), { prefix, map, ignoreEmpty, files }, '');
      return builder.tree;
    },
    rest,
  );
}
