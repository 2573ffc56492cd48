import type { Secrets } from '../../index.ts';
import type { Kind, NamedKind } from './declaration.ts';

/** The classes behind hotline's own short names. */
const classes: Readonly<Record<string, string>> = { sql: 'SqlConnection', snowflake: 'SnowflakeConnection' };

/** The names in the secrets with their kinds, in the order of their names. Nothing else of them is looked at. */
export function namedKinds(secrets: Secrets): NamedKind[] {
  const names = [...secrets.keys('connections')].sort();
  return names.map((name) => {
    const type = secrets.get(['connections', name, 'type']) ?? name;
    return { name, kind: typeof type === 'string' ? kindOf(type) : undefined };
  });
}

function kindOf(type: string): Kind | undefined {
  if (Object.hasOwn(classes, type)) return { module: 'hotline', export: classes[type]! };
  const [, module, name] = /^([^#\s'"`]+)#([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(type) ?? [];
  return module !== undefined && name !== undefined ? { module, export: name } : undefined;
}
