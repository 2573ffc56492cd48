import { deepEqual } from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  environmentVariables,
  inline,
  secretsDirectory,
  SourceError,
  tomlFile,
  type SecretTree,
  type Source,
  type SourceState,
} from 'hotline';
import { describeSource, memorySource, type SourceSubject } from 'hotline/testing';
import { Observable, of, Subject, switchMap, take, throwError } from 'rxjs';

const runner = { describe, it, expect };

describeSource({
  ...runner,
  name: 'tomlFile',
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hotline-source-'));
    const file = join(folder, 'secrets.toml');
    const put = (text: string) => writeFile(`${file}~`, text).then(() => rename(`${file}~`, file));
    return {
      source: tomlFile(file),
      write: (secrets) => put(toml(secrets)),
      spoil: (spoilt) => put(`word = "${spoilt}`),
      remove: () => rm(file, { force: true }),
      close: () => rm(folder, { recursive: true }),
    };
  },
});

describeSource({
  ...runner,
  name: 'secretsDirectory',
  open: async () => {
    const root = await mkdtemp(join(tmpdir(), 'hotline-source-'));
    const folder = join(root, 'secrets');
    await mkdir(folder);
    const put = async (path: string, text: string): Promise<void> => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(root, 'next'), text);
      await rename(join(root, 'next'), join(folder, path));
    };
    return {
      source: secretsDirectory(folder),
      write: async (secrets) => {
        await rm(join(folder, 'spoilt.toml'), { force: true });
        for (const [path, text] of leaves(secrets)) await put(path.join('/'), text);
      },
      spoil: (spoilt) => put('spoilt.toml', `word = "${spoilt}`),
      remove: () => rm(folder, { recursive: true, force: true }),
      close: () => rm(root, { recursive: true }),
    };
  },
});

describeSource({
  ...runner,
  name: 'environmentVariables',
  open: () => {
    const env: Record<string, string> = {};
    const source = environmentVariables({ env });
    return {
      source,
      write: (secrets) => {
        for (const [path, text] of leaves(secrets)) env[`HOTLINE__${path.join('__').toUpperCase()}`] = text;
        delete env['HOTLINE__CONNECTIONS'];
        return source.look?.();
      },
      spoil: (spoilt) => {
        env['HOTLINE__CONNECTIONS'] = spoilt;
        return source.look?.();
      },
    };
  },
});

describeSource({ ...runner, name: 'inline', open: overInline });
describeSource({ ...runner, name: 'a source of your own', open: () => own((state$) => state$) });

describe('describeSource', () => {
  it('is content with a source in memory', async () => {
    expect(await broken(overInline)).toEqual([]);
    expect(await broken(() => own((state$) => state$))).toEqual([]);
  });

  it('sees a source that says the first thing only', async () => {
    expect(await broken(() => own((state$) => state$.pipe(take(1))))).toContain('ends on the last of many changes');
  });

  it('sees a source that ends by an error', async () => {
    const erring = (state$: Observable<SourceState>) =>
      state$.pipe(switchMap((state) => (state.state === 'failed' ? throwError(() => new Error('no')) : of(state))));
    expect(await broken(() => own(erring))).toContain(
      'never ends by an error, and never ends while it could still change',
    );
  });

  it('sees a source that quotes what it could not read', async () => {
    const telling = (spoilt: string) => new SourceError('source_invalid', `cannot read ${spoilt}`);
    expect(await broken(() => own((state$) => state$, telling))).toEqual([
      'keeps what worked while it cannot be read, shows nothing of it, and goes on',
    ]);
  });

  it('sees a source whose look() is over before it has said what is there', async () => {
    const lazy = () => {
      const subject = own((state$) => state$);
      const late = new Observable<SourceState>((subscriber) =>
        subject.source.subscribe((state) => void setTimeout(() => subscriber.next(state), 20)),
      );
      return { ...subject, source: Object.assign(late, { label: 'late', look: () => Promise.resolve() }) };
    };
    expect(await broken(lazy)).toContain('has said what is there when its look() is over');
  });
});

function overInline(): SourceSubject {
  const memory = new Subject<object>();
  let last: object | undefined;
  const put = (secrets: object): void => memory.next((last = secrets));
  const kept$ = new Observable<object>((subscriber) => {
    if (last) subscriber.next(last);
    return memory.subscribe(subscriber);
  });
  return { source: inline(kept$), write: put, spoil: (spoilt) => put([spoilt]) };
}

/** A source that is remote, since it does not say that it is local. */
function own(
  change: (state$: Observable<SourceState>) => Observable<SourceState>,
  error = (_spoilt: string) => new SourceError('source_invalid', 'own: it cannot be read.'),
): SourceSubject & { readonly source: Source } {
  const memory = memorySource({}, { trust: 'remote' });
  const failure = new Subject<SourceState>();
  const both$ = new Observable<SourceState>((subscriber) => {
    subscriber.add(failure.subscribe(subscriber));
    subscriber.add(memory.subscribe(subscriber));
  });
  return {
    source: Object.assign(change(both$), { label: 'own' }),
    write: (secrets) => memory.set(secrets),
    spoil: (spoilt) => failure.next({ state: 'failed', error: error(spoilt) }),
    remove: () => memory.missing(),
  };
}

function leaves(tree: SecretTree, path: readonly string[] = []): [readonly string[], string][] {
  return Object.entries(tree).flatMap(([key, value]): [readonly string[], string][] =>
    typeof value === 'string' ? [[[...path, key], value]] : leaves(value as SecretTree, [...path, key]),
  );
}

function toml(secrets: SecretTree): string {
  return leaves(secrets)
    .map(([path, text]) => `${path.join('.')} = ${JSON.stringify(text)}\n`)
    .join('');
}

/** Which tests of the suite a source does not pass. */
async function broken(open: () => SourceSubject): Promise<string[]> {
  const tests: (readonly [string, () => Promise<void>])[] = [];
  describeSource({
    name: 'it',
    open,
    timeout: 300,
    describe: (_name, body) => body(),
    it: (name, test) => tests.push([name, test]),
    expect: (actual) => ({ toEqual: (expected) => deepEqual(actual, expected) }),
  });
  const failed = await Promise.all(
    tests.map(([name, test]) =>
      test().then(
        () => [],
        () => [name],
      ),
    ),
  );
  return failed.flat();
}
