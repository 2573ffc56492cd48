import { join } from 'node:path';

/** One way in which people change secrets, and how often it is tried. */
export interface Scenario {
  readonly name: string;
  readonly times: number;
  /** What is watched, inside a directory of its own. */
  readonly watched: string;
  /** What the writer does first, before anybody watches. */
  readonly before?: (root: string) => readonly Order[];
  /** What takes the file away, so that it can come back. */
  readonly away?: (root: string) => Order;
  readonly change: (root: string, version: number) => Order;
  /** What the writer does last of all. */
  readonly after?: (root: string) => Order;
}

/** What the writer is asked to do. */
export interface Order {
  readonly op: string;
  readonly path: string;
  readonly [argument: string]: unknown;
}

/** A version of a secrets file: half of it is not valid. */
export function version(number: number): string {
  const padding = Array.from({ length: 40 }, (_, line) => `key_${line} = "${number}"`).join('\n');
  return `begin = ${number}\n${padding}\nend = ${number}\n`;
}

/** The number of a version, `undefined` when it is not whole. */
export function versionOf(text: string): number | undefined {
  const [, begin] = /^begin = (\d+)\n/.exec(text) ?? [];
  return begin !== undefined && text === version(Number(begin)) ? Number(begin) : undefined;
}

const file = 'secrets.toml';

function onFile(name: string, times: number, op: string, also: Partial<Scenario> & { with?: object } = {}): Scenario {
  const { with: more, ...rest } = also;
  return {
    name,
    times,
    watched: file,
    before: (root) => [{ op: 'create', path: join(root, file), text: version(0) }],
    change: (root, number) => ({ op, path: join(root, file), text: version(number), ...more }),
    ...rest,
  };
}

function mount(number: number): Record<string, string> {
  return { [file]: version(number), 'db/user': version(number), 'db/password': version(number) };
}

function onMount(name: string, times: number, watched: string): Scenario {
  const swap = (root: string, number: number) => ({ op: 'swap', path: root, files: mount(number), version: number });
  return { name, times, watched, before: (root) => [swap(root, 0)], change: swap };
}

/** The table of `watching.md`, with more tries. */
export const scenarios: readonly Scenario[] = [
  onFile('in-place write', 100, 'inPlace'),
  onFile('temporary file renamed within a clock tick', 80, 'rename'),
  onFile('temporary file synced and renamed', 80, 'syncAndRename'),
  onFile('backup-style save', 40, 'backup'),
  onFile('deleted and recreated after 20 ms', 30, 'recreate', { with: { pause: 20 } }),
  onFile('deleted and recreated at once', 30, 'recreate'),
  onMount('Kubernetes swap, a file of the mount', 30, file),
  onMount('Kubernetes swap, the whole mount', 30, '.'),
  onFile('two halves 30 ms apart', 15, 'halves', { with: { pause: 30 } }),
  onFile('burst of 100 writes', 15, 'burst', { with: { times: 100 } }),
  onFile('burst of 50, every 2 ms', 15, 'burst', { with: { times: 50, pause: 2 } }),
  onFile('missing, then created', 15, 'create', { away: (root) => ({ op: 'remove', path: join(root, file) }) }),
  onFile('parents missing, then created', 15, 'create', {
    watched: join('a', 'b', file),
    before: () => [],
    away: (root) => ({ op: 'remove', path: join(root, 'a') }),
    change: (root, number) => ({ op: 'create', path: join(root, 'a', 'b', file), text: version(number) }),
  }),
  onFile('directory swapped by rename', 15, 'swapDirectory', {
    watched: join('config', file),
    before: (root) => [{ op: 'create', path: join(root, 'config', file), text: version(0) }],
    change: (root, number) => ({ op: 'swapDirectory', path: join(root, 'config'), name: file, text: version(number) }),
  }),
  onFile('link to a file elsewhere, which is written', 30, 'inPlace', {
    before: (root) => [
      { op: 'create', path: join(root, 'elsewhere', file), text: version(0) },
      { op: 'link', path: join(root, file), target: join('elsewhere', file) },
    ],
    change: (root, number) => ({ op: 'inPlace', path: join(root, 'elsewhere', file), text: version(number) }),
  }),
  onFile('link led to another file', 20, 'link', {
    before: (root) => [
      ...Array.from({ length: 21 }, (_, number) => ({
        op: 'create',
        path: join(root, 'releases', String(number), file),
        text: version(number),
      })),
      { op: 'link', path: join(root, file), target: join('releases', '0', file) },
    ],
    change: (root, number) => ({ op: 'link', path: join(root, file), target: join('releases', String(number), file) }),
  }),
];

const [outside, inside] = [join('outside', file), join('inside', file)];

/** A file that is written by another path than the watched one: its directory tells nothing of it. */
function onOtherPath(name: string, times: number, op: string, by: string, more?: object): Scenario {
  const mounted = name.startsWith('single-file mount');
  return {
    name,
    times,
    watched: inside,
    before: (root) => [
      { op: 'create', path: join(root, outside), text: version(0) },
      { op: mounted ? 'mount' : 'hardLink', path: join(root, inside), target: join(root, outside) },
    ],
    change: (root, number) => ({ op, path: join(root, by), text: version(number), ...more }),
    ...(mounted && { after: (root: string) => ({ op: 'unmount', path: join(root, inside) }) }),
  };
}

export const plain = scenarios[0]!.name;

/** Where the test may not mount, those of a mount are left out. */
export const otherPaths = (mayMount: boolean): readonly Scenario[] =>
  [
    onOtherPath('single-file mount, written outside', 80, 'inPlace', outside),
    onOtherPath('single-file mount, written inside', 30, 'inPlace', inside),
    onOtherPath('single-file mount, two halves 30 ms apart', 15, 'halves', outside, { pause: 30 }),
    onOtherPath('single-file mount, burst of 100 writes', 15, 'burst', outside, { times: 100 }),
    onOtherPath('hard link, written by its other path', 40, 'inPlace', outside),
  ].filter(({ after }) => mayMount || !after);
