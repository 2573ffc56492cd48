import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createConnections } from 'hotline';
import { describeKind, memorySource } from 'hotline/testing';
import { HttpApiConnection } from '../../docs/examples/kinds/http-api.ts';

/** Answers with who asked; only two tokens may. `/slow` takes a second. */
const server: Server = createServer((request, response) => {
  const who = { 'token-of-ann': 'ann', 'token-of-ben': 'ben' }[String(request.headers['x-key'])];
  response.statusCode = request.url === '/v1/broken' ? 500 : who ? 200 : 401;
  const answer = (): unknown => response.end(JSON.stringify({ who, path: request.url }));
  if (request.url === '/v1/slow') setTimeout(answer, 1000).unref();
  else answer();
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
const section = (who: string) => ({ base_url, auth_header: 'x-key', token: `token-of-${who}` });

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describeKind(HttpApiConnection, {
  ...{ describe, it, expect },
  config: section('ann'),
  other: section('ben'),
  broken: section('nobody'),
});

describe('HttpApiConnection', () => {
  it('gets JSON with its token, and again after the token has changed', async () => {
    const source = memorySource({ connections: { api: section('ann') } });
    await using hot = createConnections({ sources: [source] });
    const api = await hot.connection('api', { type: HttpApiConnection });
    expect(await firstValueFrom(api.get$('pets?a=b'))).toEqual({ who: 'ann', path: '/v1/pets?a=b' });
    const seen: unknown[] = [];
    await new Promise<void>((done) => {
      api.get$<{ who: string }>('pets').subscribe(({ who }) => {
        if (seen.push(who) === 2) done();
        else source.section('api', section('ben'));
      });
    });
    expect(seen).toEqual(['ann', 'ben']);
  });

  it('says what is wrong: refused, broken, too slow', async () => {
    const source = memorySource({
      connections: { api: { ...section('ann'), timeout_ms: 50 }, bad: section('nobody') },
    });
    await using hot = createConnections({ sources: [source], retry: { attempts: 1 } });
    const refused = hot.connection('bad', { type: HttpApiConnection });
    await expect(refused).rejects.toMatchObject({ code: 'auth_failed', connection: 'bad' });
    const api = await hot.connection('api', { type: HttpApiConnection });
    await expect(firstValueFrom(api.get$('broken'))).rejects.toThrow('500');
    await expect(firstValueFrom(api.get$('slow'))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
