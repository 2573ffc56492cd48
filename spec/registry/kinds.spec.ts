import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SqlConnection } from 'hotline';
import { memoryKind } from 'hotline/testing';
import { Kinds, type WrittenType } from '../../src/registry/kinds.ts';
import { makeProject, type Project } from '../support/project.ts';

describe('resolve kind', () => {
  const { Kind } = memoryKind();
  const kinds = new Kinds({ memory: Kind }, () => process.cwd());
  const written = (value: unknown, trust: 'local' | 'remote' = 'local'): WrittenType => ({
    value,
    trust,
    origin: 'file',
  });

  describe('which class a connection is of', () => {
    it('the option, then the section, then the name (2.E 70, 73, 75)', async () => {
      expect(kinds.resolve('sql', Kind, written('sql'))).toBe(Kind);
      expect(kinds.resolve('sql', undefined, written('memory'))).toBe(Kind);
      expect(await kinds.resolve('sql', undefined, undefined)).toBe(SqlConnection);
      expect(kinds.resolve('memory', undefined, undefined)).toBe(Kind);
    });

    it('is known at once when it was loaded before', async () => {
      const again = new Kinds({}, () => process.cwd());
      expect(again.resolve('x', 'sql', undefined)).toBeInstanceOf(Promise);
      await again.resolve('x', 'sql', undefined);
      expect(again.resolve('y', 'sql', undefined)).toBe(SqlConnection);
    });

    it('a short name of yours goes over one of ours', () => {
      expect(new Kinds({ sql: Kind }, () => '').resolve('sql', undefined, undefined)).toBe(Kind);
    });

    it('a short name may come from anywhere, a module path from here only', () => {
      expect(kinds.resolve('x', undefined, written('memory', 'remote'))).toBe(Kind);
      expect(() => kinds.resolve('x', undefined, written('./x.js#X', 'remote'))).toThrow(
        expect.objectContaining({ code: 'untrusted_reference' }),
      );
    });

    it.each([
      [undefined, undefined, 'missing_type'],
      ['slq', undefined, 'unknown_type'],
      ['toString', undefined, 'unknown_type'],
      [7, undefined, 'invalid_type'],
      [class {}, undefined, 'invalid_type'],
      [undefined, written(7), 'invalid_type'],
      [undefined, written({}), 'invalid_type'],
    ])('%p over %p is %s', (asked, section, code) => {
      expect(() => kinds.resolve('x', asked, section)).toThrow(expect.objectContaining({ code, connection: 'x' }));
    });
  });
});

describe('module kind', () => {
  const kind = (name: string): string => `
  import { BaseConnection } from 'hotline';
  export class ${name} extends BaseConnection {
    connect(config) { return { ...config }; }
  }`;

  /** Asks for connections in a process of its own, and says what each one is or why it is none. */
  const asking = (secrets: object, asked: readonly unknown[][], trust = 'local'): string => `
  import { createConnections } from 'hotline';
  import { memorySource } from 'hotline/testing';
  const sources = [memorySource(${JSON.stringify(secrets)}, { trust: '${trust}', label: 'vault' })];
  const hot = createConnections({ sources });
  const told = [];
  for (const [name, options] of ${JSON.stringify(asked)})
    await hot.connection(name, options ?? undefined).then(
      async (handle) => told.push([handle.kind, await handle.use((raw) => raw)]),
      ({ code, connection, message }) => told.push([code, connection, message]),
    );
  await hot.close();
  console.log(JSON.stringify(told));`;

  describe('a kind named by its module', () => {
    let project: Project;
    let outside: string;

    beforeAll(async () => {
      project = await makeProject();
      outside = await mkdtemp(join(tmpdir(), 'hotline-outside-'));
      await project.write(
        'kinds/clock.js',
        `${kind('ClockConnection')}\nexport const notAKind = class {}; export const text = 'x';`,
      );
      await project.write('kinds/broken.js', 'export class X { nonsense');
      await project.write(
        'node_modules/clocks/package.json',
        JSON.stringify({
          name: 'clocks',
          type: 'module',
          exports: { '.': { import: './lib/main.js' }, './sub': { import: './lib/sub.js' } },
        }),
      );
      await project.write('node_modules/clocks/lib/main.js', kind('PackagedConnection'));
      await project.write('node_modules/clocks/lib/sub.js', kind('SubConnection'));
      await writeFile(join(outside, 'evil.js'), kind('EvilConnection'));
      await symlink(outside, join(project.root, 'linked'));
    });
    afterAll(async () => {
      await project.remove();
      await rm(outside, { recursive: true, force: true });
    });

    it('is found: in the project, in a package by its exports, from the option and from the section (2.E 71)', async () => {
      const secrets = {
        connections: {
          pets: { type: './kinds/clock.js#ClockConnection', zone: 'UTC' },
          cats: { type: 'clocks#PackagedConnection' },
        },
      };
      const told = await project.ask(
        asking(secrets, [
          ['pets', null],
          ['cats', null],
          ['cats', { type: 'clocks/sub#SubConnection', zone: 'CET' }],
          ['more', { type: './kinds/clock.js#ClockConnection', zone: 'CET' }],
        ]),
      );
      expect(told).toEqual([
        ['ClockConnection', { zone: 'UTC' }],
        ['PackagedConnection', {}],
        ['SubConnection', { zone: 'CET' }],
        ['ClockConnection', { zone: 'CET' }],
      ]);
    });

    it('is one error when it is not there, with the connection and what to do (2.E 78)', async () => {
      const types: readonly (readonly [string, string, RegExp])[] = [
        ['./kinds/nothing.js#X', 'invalid_module', /does not resolve from .*Correct the path/],
        ['no-such-package#X', 'invalid_module', /does not resolve.*install the package/],
        ['clocks/hidden#X', 'invalid_module', /does not resolve/],
        ['./kinds/clock.js#Clock', 'invalid_module', /has no export "Clock".*ClockConnection/],
        ['./kinds/clock.js#notAKind', 'invalid_type', /not a class that extends BaseConnection/],
        ['./kinds/clock.js#text', 'invalid_type', /not a class that extends BaseConnection/],
        ['./kinds/broken.js#X', 'invalid_module', /could not be loaded/],
        ['./kinds/clock.js#', 'invalid_module', /<module>#<Export>/],
        ['#X', 'invalid_module', /<module>#<Export>/],
        ['../evil.js#X', 'invalid_module', /does not resolve|leaves the project/],
        [`${join(tmpdir(), 'x.js')}#X`, 'invalid_module', /does not resolve|leaves the project/],
        ['./linked/evil.js#EvilConnection', 'invalid_module', /leaves the project/],
        ['node:fs#Stats', 'invalid_module', /is not a module of the project/],
        ['data:text/javascript,export class X {}#X', 'invalid_module', /./],
      ];
      const told = (await project.ask(
        asking(
          {},
          types.map(([type]) => ['pets', { type }]),
        ),
      )) as [string, string, string][];
      expect(told.map(([code, connection]) => [code, connection])).toEqual(types.map(([, code]) => [code, 'pets']));
      for (const [index, [, , message]] of types.entries()) expect(told[index]?.[2]).toMatch(message);
    });

    it('is refused from a remote source; a package and a short name of code are not', async () => {
      const secrets = {
        connections: {
          pets: { type: './kinds/clock.js#ClockConnection' },
          cats: { type: 'sql', url: 'sqlite://:memory:' },
        },
      };
      const told = (await project.ask(
        asking(
          secrets,
          [
            ['pets', null],
            ['pets', { type: 'clocks#PackagedConnection' }],
          ],
          'remote',
        ),
      )) as string[][];
      expect(told[0]?.slice(0, 2)).toEqual(['untrusted_reference', 'pets']);
      expect(told[0]?.[2]).toMatch(/vault is not local/);
      expect(told[1]?.[0]).toBe('PackagedConnection');
    });

    it('decides what a live connection is only when it is loaded, and one that cannot be loaded changes nothing', async () => {
      const told = await project.ask(`
      import { createConnections } from 'hotline';
      import { memorySource } from 'hotline/testing';
      const source = memorySource({ connections: { pets: { type: './kinds/clock.js#ClockConnection', zone: 1 } } });
      const hot = createConnections({ sources: [source] });
      const warnings = [];
      hot.events$.subscribe((event) => event.type === 'warning' && warnings.push(event.code));
      const pets = await hot.connection('pets');
      const zone = () => pets.use((raw) => raw.zone).catch(({ code }) => code);
      const settled = () => new Promise((done) => setTimeout(done, 300));
      const told = [];
      for (const type of ['./kinds/nothing.js#X', 'sqll', './kinds/clock.js#ClockConnection', 'clocks#PackagedConnection']) {
        source.section('pets', { type, zone: type });
        await settled();
        told.push(await zone());
      }
      told.push((await hot.connection('pets')).kind);
      await hot.close();
      console.log(JSON.stringify([told, warnings]));`);
      expect(told).toEqual([
        [1, 1, './kinds/clock.js#ClockConnection', 'kind_changed', 'PackagedConnection'],
        ['invalid_module', 'unknown_type'],
      ]);
    });

    it('is resolved anew when the section names another one while it is loaded', async () => {
      await project.write(
        'kinds/slow.js',
        `${kind('SlowConnection')}
await new Promise((done) => setTimeout(done, 200));`,
      );
      const told = await project.ask(`
      import { createConnections } from 'hotline';
      import { memorySource } from 'hotline/testing';
      const source = memorySource({ connections: { pets: { type: './kinds/slow.js#SlowConnection' } } });
      const hot = createConnections({ sources: [source] });
      const asked = hot.connection('pets');
      source.section('pets', { type: 'clocks#PackagedConnection' });
      const { kind } = await asked;
      const late = hot.connection('pets', { type: './kinds/slow2.js#X' }).catch(({ code }) => code);
      await hot.close();
      console.log(JSON.stringify([kind, await late]));`);
      expect(told).toEqual(['PackagedConnection', expect.stringMatching(/^(closed|invalid_module)$/)]);
    });
  });
});
