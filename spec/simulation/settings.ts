import type { Chance } from './chance.ts';

/** The names of the connections: `p` overlaps, `q` cannot, `r` has a ttl and an idle time, in a file of its own. */
export const names = ['p', 'q', 'r'] as const;
export type Name = (typeof names)[number];

/** What decides where a connection goes, and who it is. */
export interface Setting {
  host: string;
  user: string;
  password: string;
  version: number;
}

export type Settings = Record<Name, Setting>;

/** How the connections are kept in this run. */
export interface Kept {
  readonly policies: Readonly<Record<Name, string>>;
  readonly drainTimeout: number;
}

export function kept(chance: Chance): Kept {
  const drainTimeout = chance.one([1000, 3000]);
  const attempts = (): string => chance.one(['3', '3', '"Infinity"']);
  const common = (): string =>
    `open_timeout = "2s"\ndrain_timeout = ${drainTimeout / 1000 + '"s"'}\nclose_timeout = "500ms"`
      .replace(/(\d+)"s"/, '"$1s"')
      .concat(`\nretry = { attempts = ${attempts()}, min_delay = "50ms", max_delay = "1s" }`);
  return {
    drainTimeout,
    policies: {
      p: `${common()}\nspread = "${chance.one([0, 0, 2000])}ms"`,
      q: common(),
      r: `${common()}\nttl = "${chance.one([1500, 5000])}ms"\nidle_timeout = "${chance.one([0, 700, 60_000])}ms"`,
    },
  };
}

/** The file of `p` and `q`, or that of `r`. The mark stands at its beginning and at its end: no snapshot has two of them. */
export function textOf(file: 0 | 1, settings: Settings, { policies }: Kept, mark: number): string {
  const section = (name: Name): string => {
    const { host, user, password, version } = settings[name];
    const type = name === 'q' ? 'single' : 'model';
    return `[connections.${name}]\ntype = "${type}"\nhost = "${host}"\nuser = "${user}"\npassword = "${password}"\nversion = ${version}\n${policies[name]}\n`;
  };
  const within = file === 0 ? [section('p'), section('q')] : [section('r')];
  return `# saved ${mark}\n[first${file}]\nmark = "${mark}"\n${within.join('')}[last${file}]\nmark = "${mark}"\n`;
}

export const fileOf = (name: Name): 0 | 1 => (name === 'r' ? 1 : 0);
