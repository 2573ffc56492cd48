import { mysqlFacades, pgFacades } from './facades.ts';
import type { ContenderKind } from './contender.ts';
import type { Ground } from './ground.ts';
import { hotline } from './hotline.ts';
import { openMariadb } from './mariadb-ground.ts';
import { mysqlPeers, pgPeers } from './peers.ts';
import { openPostgres } from './postgres-ground.ts';
import { openSqlite } from './sqlite-ground.ts';

export { hotline } from './hotline.ts';
export { openPostgres } from './postgres-ground.ts';
export type { Ground } from './ground.ts';
export { run, scenarios, scenariosOn, type Outcome } from './scenarios.ts';

/** Each ground, with what is held to its promises there, and what others do. */
export const grounds: readonly {
  readonly open: () => Promise<Ground>;
  readonly own: readonly ContenderKind[];
  readonly peers: readonly ContenderKind[];
}[] = [
  { open: openPostgres, own: [hotline, ...pgFacades], peers: pgPeers },
  { open: openMariadb, own: [hotline, ...mysqlFacades], peers: mysqlPeers },
  { open: openSqlite, own: [hotline], peers: [] },
];
