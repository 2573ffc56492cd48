import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Source, SourceState } from 'hotline';
import { describeSource } from 'hotline/testing';
import { filter, firstValueFrom, timeout } from 'rxjs';
// @ts-expect-error -- an example is plain JavaScript
import { etcd as untypedEtcd } from '../../docs/examples/sources/etcd.js';
// @ts-expect-error -- an example is plain JavaScript
import { kubernetesSecret as untypedKubernetes } from '../../docs/examples/sources/kubernetes-api.js';
import { playedEtcd, playedKubernetes, type PlayedWatch } from './played-watches.ts';

type Make = (where: string, name: string | object, options?: object) => Source;
const [etcd, kubernetesSecret] = [untypedEtcd, untypedKubernetes] as [Make, Make];

const delays = [10, 100];

interface Opened extends PlayedWatch {
  readonly source: Source;
}
const stores: Record<string, () => Promise<Opened>> = {
  etcd: async () => {
    const server = await playedEtcd('/app/secrets');
    return { ...server, source: etcd(`http://${server.url}`, '/app/secrets', { delays }) };
  },
  'the API of Kubernetes': async () => {
    const server = await playedKubernetes('pets-db', 'pets.toml');
    const options = { key: 'pets.toml', url: `https://${server.url}`, account: server.account, delays };
    return { ...server, source: kubernetesSecret('pets-db', options) };
  },
};

interface Followed {
  /** What was said: the word of loaded secrets, else the state. */
  readonly states: readonly string[];
  readonly says: (expected: string) => Promise<void>;
  /** Waits for this many watches. */
  readonly watching: (times: number) => Promise<void>;
}

for (const [name, open] of Object.entries(stores)) {
  describeSource({
    ...{ describe, it, expect },
    name,
    open: async () => {
      const { source, put, close } = await open();
      return {
        source,
        write: (secrets) => put(JSON.stringify(secrets)),
        spoil: (spoilt) => put(`{"a": "${spoilt}`),
        remove: () => put(undefined),
        close,
      };
    },
  });

  describe(`${name} is followed`, () => {
    const followed = async (run: (on: Opened & Followed) => Promise<void>): Promise<void> => {
      const on = await open();
      const states: string[] = [];
      const word = (state: SourceState) => (state.state === 'loaded' ? (state.secrets['a'] as string) : state.state);
      const held = on.source.subscribe((state) => states.push(word(state)));
      const says = async (expected: string): Promise<void> => {
        await firstValueFrom(
          on.source.pipe(
            filter((state) => word(state) === expected),
            timeout(5000),
          ),
        );
      };
      const watching = async (times: number): Promise<void> => {
        const watches = () => on.asked.filter((what) => what.startsWith('watch')).length;
        for (let waited = 0; watches() < times; waited += 5) {
          if (waited > 5000) throw new Error(`There are ${watches()} watches.`);
          await new Promise((later) => setTimeout(later, 5));
        }
      };
      try {
        on.put('a = "one"');
        await says('one');
        await run({ ...on, states, says, watching });
      } finally {
        held.unsubscribe();
        await on.close();
      }
    };

    it.each(['orderly', 'cut'] as const)(
      'behind the last revision when a watch has ended (%s): nothing missed',
      (how) =>
        followed(async ({ end, put, says, asked, watching, states }) => {
          await watching(1);
          put('a = "two"');
          await says('two');
          end(how);
          put('a = "three"');
          await says('three');
          await watching(2);
          expect(asked.slice(-1)).toEqual(['watch 9']);
          expect(asked.filter((what) => what === 'list')).toHaveLength(1);
          expect(states.slice(-3)).toEqual(['one', 'two', 'three']);
        }),
    );

    it('by a new list when the store has forgotten that revision', () =>
      followed(async ({ end, put, compact, says, asked, watching, states }) => {
        await watching(1);
        end('orderly');
        for (const text of ['two', 'three', 'four']) put(`a = "${text}"`);
        compact();
        await says('four');
        await watching(3);
        expect(asked.slice(-3)).toEqual(['watch 8', 'list', 'watch 11']);
        expect(states).not.toContain('failed');
      }));

    it('by a back-off while it refuses, and from where it is when it answers again', () =>
      followed(async ({ answer, end, put, says, watching, source }) => {
        await watching(1);
        answer(503);
        end('cut');
        await says('failed');
        const state = await firstValueFrom(source);
        expect(state.state === 'failed' && state.error.message).toMatch(/ answered 503\.$/);
        put('a = "two"');
        answer(200);
        await says('two');
      }));
  });
}

describe('the API of Kubernetes', () => {
  it('is asked with the token that is mounted now', async () => {
    const server = await playedKubernetes('pets-db', 'pets.toml');
    const options = { key: 'pets.toml', url: `https://${server.url}`, account: server.account, delays };
    const source = kubernetesSecret('pets-db', options);
    server.put('a = "one"');
    const states: SourceState[] = [];
    const token = join(server.account, 'token');
    await writeFile(token, 'an-old-token');
    const held = source.subscribe((state) => states.push(state));
    while (states.length === 0) await new Promise((later) => setTimeout(later, 5));
    expect(states).toMatchObject([
      { state: 'failed', error: { message: 'kubernetes:pets-db/pets.toml: the API server answered 401.' } },
    ]);
    await writeFile(token, 'token-of-the-account');
    await firstValueFrom(
      source.pipe(
        filter(({ state }) => state === 'loaded'),
        timeout(5000),
      ),
    );
    held.unsubscribe();
    await server.close();
  });

  it('is listed anew where it answers a watch with the status 410', async () => {
    const server = await playedKubernetes('pets-db', 'pets.toml', 'as a status');
    const options = { key: 'pets.toml', url: `https://${server.url}`, account: server.account, delays };
    const states: SourceState[] = [];
    const source = kubernetesSecret('pets-db', options);
    const held = source.subscribe((state) => states.push(state));
    while (server.asked.length < 2) await new Promise((later) => setTimeout(later, 5));
    server.end('orderly');
    server.put('a = "one"');
    server.put('a = "two"');
    server.compact();
    const two = ({ state, ...rest }: SourceState) => state === 'loaded' && JSON.stringify(rest).includes('"two"');
    await firstValueFrom(source.pipe(filter(two), timeout(5000)));
    expect(server.asked.slice(0, 4)).toEqual(['list', 'watch 7', 'watch 7', 'list']);
    expect(states.map(({ state }) => state)).toEqual(['missing', 'loaded']);
    held.unsubscribe();
    await server.close();
  });
});
