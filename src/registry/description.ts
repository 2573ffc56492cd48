import { dequal } from 'dequal';
import { defaultPolicies, policyNames, type Policies } from '../policy/index.ts';
import { describeConfig, type ConnectionConfig, type DescribedSetting, type Description } from '../secrets/index.ts';
import type { KindClass } from './kinds.ts';
import { writtenPolicies } from './options.ts';

/** A connection, with its policies by their ranks: of a call, of its section, of the registry. */
interface Described {
  readonly name: string;
  readonly Kind: KindClass;
  /** Absent where its settings are not known, or wrong. */
  readonly section: ConnectionConfig | undefined;
  readonly explicit: Partial<Policies> | undefined;
  readonly defaults: Policies;
}

/** The effective settings and policies of a connection, each with its origin; what its kind does not call public is redacted. */
export function description({ name, Kind, section, explicit, defaults }: Described): Description {
  if (!section) return { name, kind: Kind.name, settings: [], policies: [] };
  const settings = describeConfig(section, Kind.settings);
  return { name, kind: Kind.name, settings, policies: describedPolicies(section, explicit, defaults) };
}

function describedPolicies(
  section: ConnectionConfig,
  explicit: Partial<Policies> | undefined,
  defaults: Policies,
): readonly DescribedSetting[] {
  const [asked, written] = [explicit ?? {}, writtenOf(section)];
  return policyNames.flatMap((name) => {
    const ranked = [
      ...(name in asked ? [{ origin: 'options', value: asked[name] }] : []),
      ...(name in written ? [{ origin: section.policies[name]!.origin, value: written[name] }] : []),
      {
        origin: dequal(defaults[name], defaultPolicies[name]) ? 'default' : 'createConnections',
        value: defaults[name],
      },
    ];
    const [{ value, origin }, ...lower] = ranked as [(typeof ranked)[0], ...typeof ranked];
    const hides = lower.map((one) => one.origin).filter((one) => one !== 'default');
    const values =
      typeof value === 'object'
        ? Object.entries(value).map(([key, inner]: [string, unknown]) => [`${name}.${key}`, inner] as const)
        : [[name, value] as const];
    return values.map(([path, shown]) => ({ path, value: shown, origin, ...(hides.length > 0 && { hides }) }));
  });
}

/** The policies of the section; none where one of them is refused, which is said elsewhere. */
function writtenOf(section: ConnectionConfig): Partial<Policies> {
  try {
    return writtenPolicies(section) ?? {};
  } catch {
    return {};
  }
}
