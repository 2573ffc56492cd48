import type { Config } from '../../secrets/index.ts';
import { inMemory } from './knex-config.ts';
import { targetOf, type Target } from './target.ts';

const certificates = ['sslrootcert', 'sslcert', 'sslkey', 'ssl_ca', 'ssl_cert', 'ssl_key'];

/** Whether the `url` names a file: that of SQLite, or a certificate. */
export function urlReadsFiles(config: Config): boolean {
  const { url } = config;
  return isFile(known(config)) || namesCertificate(known({ url })?.query);
}

/** Whether `query` names a certificate. */
export function queryReadsFiles({ query }: Config): boolean {
  return namesCertificate(query);
}

/** Whether the database is a file. knex then may be told of another one, and which library opens it. */
export function opensFile(config: Config): boolean {
  const target = known(config);
  return isFile(target) || (target?.dialect.family === 'sqlite' && config['knex'] !== undefined);
}

function isFile(target: Target | undefined): boolean {
  return target?.dialect.family === 'sqlite' && !inMemory(target);
}

function namesCertificate(query: unknown): boolean {
  return typeof query === 'object' && query !== null && certificates.some((name) => Object.hasOwn(query, name));
}

/** A config that is broken is for the opening to complain about. */
function known(config: Config): Target | undefined {
  try {
    return targetOf(config);
  } catch {
    return undefined;
  }
}
