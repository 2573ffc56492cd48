import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { publicNames } from './support/public-names.ts';
import { descendants, hasBehaviour, importsOf, parse, type Import } from './support/source-file.ts';

/** The modules that each module may import. `type x`: types only; `lazy x`: types and `import()`. A longer path is a module inside a module. */
const mayImport: Record<string, readonly string[]> = {
  errors: [],
  'spelling.ts': [],
  'canonical.ts': [],
  'table.ts': [],
  'nesting.ts': [],
  'signals.ts': ['errors'],
  'known-options.ts': ['spelling.ts', 'errors'],
  duration: ['errors'],
  packages: [],
  policy: ['spelling.ts', 'errors', 'duration'],
  sources: ['policy', 'known-options.ts', 'spelling.ts', 'table.ts', 'errors', 'duration'],
  secrets: ['type sources', 'table.ts', 'policy', 'spelling.ts', 'errors'],
  credentials: ['table.ts', 'signals.ts', 'spelling.ts', 'errors', 'duration'],
  lifecycle: ['credentials', 'policy', 'signals.ts', 'errors', 'duration'],
  kinds: [
    'credentials',
    'canonical.ts',
    'known-options.ts',
    'table.ts',
    'signals.ts',
    'nesting.ts',
    'type secrets',
    'policy',
    'spelling.ts',
    'errors',
    'duration',
    'packages',
  ],
  registry: [
    'secrets',
    'type sources',
    'known-options.ts',
    'lifecycle',
    'credentials',
    'policy',
    'spelling.ts',
    'canonical.ts',
    'table.ts',
    'nesting.ts',
    'signals.ts',
    'kinds/base',
    'lazy kinds',
    'errors',
    'duration',
    'packages',
  ],
  // The entry point puts the modules together, and integrations import nothing else.
  'create-connections.ts': ['registry', 'kinds/query', 'sources', 'known-options.ts', 'policy', 'errors'],
  'default-connections.ts': ['create-connections.ts', 'registry', 'canonical.ts', 'errors'],
  'index.ts': [
    'create-connections.ts',
    'default-connections.ts',
    'registry',
    'kinds',
    'lifecycle',
    'credentials',
    'policy',
    'secrets',
    'sources',
    'duration',
    'errors',
  ],
  cli: ['index.ts', 'spelling.ts', 'packages', 'lazy devtools'],
  health: ['index.ts'],
  nestjs: ['index.ts', 'health'],
  devtools: ['index.ts'],
  otel: ['index.ts'],
  nats: ['index.ts'],
  pg: ['index.ts'],
  mysql2: ['index.ts'],
  redis: ['index.ts'],
  testing: ['index.ts'],
};

/** The packages that a module may import, where a rule says. */
const packages: Record<string, readonly string[]> = {
  errors: ['rxjs'],
  duration: ['rxjs', 'ms'],
  lifecycle: ['rxjs'],
};

/** Packages that are loaded only when a connection needs them. */
const heavy = ['knex', 'snowflake-sdk', 'pg', 'pg-cursor', 'mysql2', 'better-sqlite3', 'libsql', 'sqlite3'];

const src = join(process.cwd(), 'src');
const files = filesBelow(src);
const sources = new Map(files.map((file) => [file, parse(join(src, file))]));
const imports = new Map([...sources].map(([file, source]) => [file, importsOf(source)]));
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly exports: Record<string, unknown>;
}

describe('imports', () => {
  it('every file belongs to a module', () => {
    expect(files.filter((file) => !layerOf(file))).toEqual([]);
  });

  it('a module imports only the modules that it may', () => {
    const broken = edges().filter(({ from, to, how }) => {
      const [module, other] = [layerOf(from), layerOf(to)];
      return module && other && module !== other && !allows(mayImport[module] ?? [], to, how);
    });
    expect(broken.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('the lowest modules import only the packages that they may', () => {
    const broken = externals().filter(({ file, name }) => packages[layerOf(file) ?? '']?.includes(name) === false);
    expect(broken.map(({ file, name }) => `${file} → ${name}`)).toEqual([]);
  });

  it('there is no cycle, types included', () => {
    expect(cycles(new Map(files.map((file) => [file, targets(file)])))).toEqual([]);
  });

  it('every relative import names a file that is there', () => {
    expect(edges().filter(({ to }) => !sources.has(to))).toEqual([]);
  });

  it('every package that is imported is declared', () => {
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
    // What the page of the board loads is copied into `dist`.
    const carried = ({ file, name }: { file: string; name: string }): boolean =>
      file.startsWith('devtools/page/') && name === 'lit-html';
    const missing = externals().filter(
      (one) => !(one.name in declared) && !(one.how.typeOnly && one.name === 'node') && !carried(one),
    );
    expect(missing.map(({ file, name }) => `${file} → ${name}`)).toEqual([]);
  });

  it('heavy packages are loaded when they are needed, never by an import of ours', () => {
    const eager = externals().filter(({ name, how }) => heavy.includes(name) && !how.typeOnly && !how.lazy);
    expect(eager.map(({ file, name }) => `${file} → ${name}`)).toEqual([]);
  });
});

describe('files', () => {
  const lengths = files.map((file) => ({ file, lines: lineCount(file) }));

  it('have at most 300 lines', () => {
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
  });

  it('are named for what they hold', () => {
    const vague = /^(utils?|types?|helpers?|common|misc|shared|lib|constants|interfaces)$/;
    const named = files.filter((file) => file.split('/').some((part) => vague.test(part.replace(/\.ts$/, ''))));
    expect(named).toEqual([]);
  });

  it('under 25 lines have more than one importer: else they belong into it', () => {
    const importers = (file: string): number =>
      new Set(edges().flatMap(({ from, to }) => (to === file ? [from] : []))).size;
    const entries = /(^|\/)(index|main)\.ts$/;
    const tiny = lengths.filter(({ file, lines }) => lines < 25 && !entries.test(file) && importers(file) === 1);
    expect(tiny.map(({ file }) => file)).toEqual([]);
  });

  it('at the top are the few that have to be there', () => {
    const made = ['node_modules', 'dist', 'coverage', 'package-lock.json'];
    const prose = ['README.md', 'LICENSE', 'CHANGELOG.md', 'CONTRIBUTING.md'];
    const tools = [
      'package.json',
      'eslint.config.mjs',
      'jest.config.ts',
      'jest.deep.config.ts',
      'jest.services.config.ts',
      'tsconfig.json',
    ];
    const expected = ['src', 'spec', 'docs', 'tsconfig.build.json', ...prose, ...tools, ...made];
    expect(readdirSync('.').filter((name) => !name.startsWith('.') && !expected.includes(name))).toEqual([]);
  });

  it('belong to a module that has specs at its door', () => {
    const modules = [...new Set(files.filter(hasBehaviourOf).map((file) => moduleOf(file)))];
    const specs = filesBelow('spec').filter((file) => file.endsWith('.spec.ts'));
    expect(modules.filter((module) => !specs.some((spec) => moduleOf(spec) === module))).toEqual([]);
  });
});

describe('code', () => {
  it('lifecycle reads no clock and sets no timer', () => {
    const clocks = /^(setTimeout|setInterval|setImmediate|Date|performance)$/;
    const found = files
      .filter((file) => layerOf(file) === 'lifecycle')
      .flatMap((file) =>
        descendants(sources.get(file)!).flatMap((node) =>
          ts.isIdentifier(node) && clocks.test(node.text) ? [`${file}: ${node.text}`] : [],
        ),
      );
    expect(found).toEqual([]);
  });

  it('no module has state of its own that changes', () => {
    const mutable = files.filter((file) =>
      sources
        .get(file)!
        .statements.some(
          (statement) => ts.isVariableStatement(statement) && !(statement.declarationList.flags & ts.NodeFlags.Const),
        ),
    );
    expect(mutable).toEqual([]);
  });

  it('no module waits while it is loaded, so that require() works', () => {
    const waiting = files.filter((file) => descendants(sources.get(file)!).some(isTopLevelAwait));
    expect(waiting).toEqual([]);
  });

  it('has doc comments that begin with what a thing is or does', () => {
    const headless = /\/\*\*\s+(?:\*\s+)?(What|Whether|Where|Who|Those|That)\b[^\n]*/g;
    const found = files.flatMap((file) =>
      (sources.get(file)!.text.match(headless) ?? []).map((comment) => `${file}: ${comment.slice(0, 60)}`),
    );
    expect(found).toEqual([]);
  });

  it('exports what runs by name', () => {
    const barrels = edges().filter(({ to, how }) => how.star && !how.typeOnly && hasBehaviour(sources.get(to)!));
    expect(barrels.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
});

describe('public names', () => {
  const doors = doorsOf(manifest);
  const program = ts.createProgram([...doors.values()], compilerOptions());
  const checker = program.getTypeChecker();

  it('are listed, and nothing else is exported', () => {
    const names = [...doors].map(([door, file]) => [door, exportsOf(file).map((symbol) => symbol.name)]);
    const listed = [...doors.keys()].map((door) => [door, [...(publicNames[door] ?? [])].sort()]);
    expect(Object.fromEntries(names)).toEqual(Object.fromEntries(listed));
  });

  it('say what they mean', () => {
    const silent = [...doors].flatMap(([door, file]) =>
      exportsOf(file)
        .filter((symbol) => original(symbol).getDocumentationComment(checker).length === 0)
        .map((symbol) => `${door} ${symbol.name}`),
    );
    expect(silent).toEqual([]);
  });

  it('options say of each field what it means', () => {
    const silent = [...doors.values()].flatMap((file) =>
      exportsOf(file)
        .filter((symbol) => /(Options|Policies)$/.test(symbol.name))
        .flatMap((symbol) =>
          checker
            .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(original(symbol)))
            .filter((field) => field.getDocumentationComment(checker).length === 0)
            .map((field) => `${symbol.name}.${field.name}`),
        ),
    );
    expect(silent).toEqual([]);
  });

  function exportsOf(file: string): ts.Symbol[] {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!);
    const names = module ? checker.getExportsOfModule(module) : [];
    return names.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  function original(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }
});

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly how: Import;
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => file.endsWith('.ts'))
    .sort();
}

/** The folder of a file, or the file itself where it stands alone at the top. */
function moduleOf(file: string): string {
  const folder = dirname(file)
    .split('/')
    .slice(0, file.startsWith('kinds/') ? 2 : 1);
  return folder[0] === '.' ? basename(file).replace(/(\.services)?(\.spec)?\.ts$/, '') : folder.join('/');
}

function hasBehaviourOf(file: string): boolean {
  return hasBehaviour(sources.get(file)!);
}

/** The module of a file: the longest path in `mayImport` that it is in. */
function layerOf(file: string): string | undefined {
  return Object.keys(mayImport)
    .filter((module) => file === module || file.startsWith(`${module}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function allows(allowed: readonly string[], to: string, how: Import): boolean {
  return allowed.some((entry) => {
    const [module, condition] = entry.split(' ').reverse() as [string, string?];
    if (to !== module && !to.startsWith(`${module}/`)) return false;
    return condition === undefined || (condition === 'type' ? how.typeOnly : how.lazy || how.typeOnly);
  });
}

function edges(): Edge[] {
  return [...imports].flatMap(([from, all]) =>
    all
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map((how) => ({
        from,
        to: relative(src, join(src, dirname(from), how.specifier))
          .split(sep)
          .join('/'),
        how,
      })),
  );
}

function targets(file: string): string[] {
  return edges().flatMap(({ from, to }) => (from === file ? [to] : []));
}

function externals(): { file: string; name: string; how: Import }[] {
  return [...imports].flatMap(([file, all]) =>
    all
      .filter(({ specifier }) => !specifier.startsWith('.') && !isBuiltin(specifier))
      .map((how) => ({ file, name: packageOf(how.specifier), how })),
  );
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function lineCount(file: string): number {
  return readFileSync(join(src, file), 'utf8').trimEnd().split('\n').length;
}

/** Each cycle once, as the path that closes it. */
function cycles(graph: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

function isTopLevelAwait(node: ts.Node): boolean {
  if (!ts.isAwaitExpression(node) && !(ts.isForOfStatement(node) && node.awaitModifier)) return false;
  for (let outer = node.parent; outer; outer = outer.parent) if (ts.isFunctionLike(outer)) return false;
  return true;
}

function doorsOf({ exports }: Manifest): Map<string, string> {
  const doors = Object.keys(exports).filter((door) => basename(door) !== 'package.json');
  return new Map(
    doors.map((door) => [door, join(src, door, 'index.ts')] as const).filter(([, file]) => existsSync(file)),
  );
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile('tsconfig.json', (file) => readFileSync(file, 'utf8')) as { config: unknown };
  return ts.parseJsonConfigFileContent(config, ts.sys, process.cwd()).options;
}
