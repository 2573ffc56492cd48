import { comparable, nearest } from '../spelling.ts';
import { isTable } from '../table.ts';
import type { SecretTree } from '../sources/source.ts';
import type { Secrets } from './secrets.ts';
import { dotted } from './tree.ts';

/** The depth at which a misplaced section is looked for: `pets.connections.pets` of a file in a directory, and one more. */
const deepest = 4;

/** A sentence about sections that were probably meant: in another place, or of a name that is spelt alike. */
export function nearbySections(secrets: Secrets, name: string): string | undefined {
  const meant = nearest(name, secrets.keys('connections'));
  if (meant !== undefined) return `Did you mean [${dotted(['connections', meant])}]?`;
  const [found] = [...misplaced(secrets.reveal(), name, [])].sort((a, b) => a.length - b.length);
  return found && `There is [${dotted(found)}] in ${secrets.origin(found)}. ${cure(found, name)}`;
}

/** The tables of that name that stand elsewhere: `[connection.pets]`, `[pets]`, `[pets.connections.pets]`. */
function* misplaced(table: SecretTree, name: string, path: readonly string[]): Generator<readonly string[]> {
  for (const [key, value] of Object.entries(table)) {
    const here = [...path, key];
    if (!isTable(value) || here.length > deepest) continue;
    if (comparable(key) === comparable(name) && !holdsConnections(value)) yield here;
    yield* misplaced(value, name, here);
  }
}

function holdsConnections(table: SecretTree): boolean {
  return isTable(table['connections']);
}

function cure(path: readonly string[], name: string): string {
  const right = dotted(['connections', name]);
  if (path.length > 2 && path.at(-2) === 'connections')
    return `In a directory of secrets the name of a file is the first key: call it connections.toml with [${dotted([name])}] in it, or read that file alone by tomlFile.`;
  return `Call it [${right}].`;
}
