import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('what runs, in a browser', () => {
  it('is listed with its text, without the values in it, and says what holds an instance that drains', async () => {
    const sql =
      "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n where i <> 'planted-value'";
    const reader = on.pets.stream(sql, { batchSize: 10 })[Symbol.asyncIterator]();
    await reader.next();
    const row = on.page.locator('.running li');
    await row.filter({ hasText: /\d+ rows, \d+ a second/ }).waitFor();
    expect(await row.textContent()).toMatch(/pets\s+#1\s+stream/);
    await on.save(2);
    await on.page.locator('[data-id=pets] dd', { hasText: /#1: 1 lease \(stream for \d+ s\)/ }).waitFor();
    expect(await on.page.content()).not.toContain('planted-value');
    await reader.return?.();
    await on.page.getByText('Nothing runs.').waitFor();
  });

  it('names the live queries, what made each ask again, how often and when last', async () => {
    const refresh = new Subject<void>();
    const subscriptions = [
      on.pets.live$("select 'planted-value' as v", { refresh }).subscribe(),
      on.pets.live$('select random() as n', { refresh: 200 }).subscribe(),
    ];
    const row = on.page.locator('.live-query');
    await row
      .filter({ hasText: /on an Observable.*Made to ask once: 1 new instance; last by new instance/s })
      .waitFor();
    refresh.next();
    const observed = row.filter({ hasText: 'on an Observable' });
    await observed.filter({ hasText: /2 times: 1 new instance, 1 value of its Observable; last by value/ }).waitFor();
    await observed.filter({ hasText: /Its rows changed once, last \d+ s ago\./ }).waitFor();
    await row
      .filter({ hasText: /every 200 ms.*\d+ intervals; last by interval, just now.*changed \d+ times/s })
      .waitFor();
    await on.page.getByText(/select \? as v/).waitFor();
    expect(await on.page.content()).not.toContain('planted-value');
    for (const subscription of subscriptions) subscription.unsubscribe();
    await row.first().waitFor({ state: 'detached' });
  });

  it('names transactions, sessions, and leases that the program holds', async () => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const lease = await on.pets.lease();
    const row = on.page.locator('.running li');
    await row.filter({ hasText: /lease\s+the program holds it/ }).waitFor();
    lease.release();
    const work = on.pets.use(() => ended);
    await row.filter({ hasText: /use\s+a callback of the program runs/ }).waitFor();
    await on.page.getByText('1 lease on 1 connection').waitFor();
    const done = on.pets.transaction(() => ended);
    await row.filter({ hasText: /transaction\s+is open/ }).waitFor();
    end();
    await Promise.all([work, done]);
    await on.page.getByText('Nothing runs.').waitFor();
  });

  it('says who waits: for an instance, and for a place in the pool', async () => {
    const numbers = 'with recursive n(i) as (select 1 union all select i + 1 from n) select i from n';
    const reader = () => on.pets.stream(numbers, { batchSize: 10 })[Symbol.asyncIterator]();
    const first = reader();
    await first.next();
    const { max = 1 } = on.pets.stats().pool ?? {};
    const others = Array.from({ length: max }, () =>
      on.pets.stream(numbers, { batchSize: 10 })[Symbol.asyncIterator](),
    );
    const reading = others.map((one) => one.next());
    const row = on.page.locator('.running .waiting');
    await row
      .filter({ hasText: /pets\s+#\d+\s+waiting\s+1 caller for a place in the pool \(\d+ of \d+ are used\)/ })
      .waitFor();
    await first.return?.();
    await Promise.all(reading);
    for (const one of others) await one.return?.();
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const stop = new AbortController();
    const url = `postgresql://u:p@127.0.0.1:${port}/d`;
    const opening = on.hot.connection('slow', { type: 'sql', url, signal: stop.signal });
    const failed = opening.catch((error: unknown) => error);
    await row.filter({ hasText: /slow.*1 caller for an instance \(it is opening\)/s }).waitFor();
    stop.abort();
    expect(await failed).toMatchObject({ code: 'cancelled' });
    silent.close();
    for (const socket of sockets) socket.destroy();
  });

  it('is counted, with a line of the last minutes', async () => {
    for (let n = 0; n < 40; n++) await on.pets.query('select 1');
    const figures = on.page.locator('[data-id=pets] .figures');
    await figures.getByText(/^[\d.]+ ms, [\d.]+ ms$/).waitFor();
    await figures.locator('.spark polyline[points*=","]').waitFor();
    expect(await figures.textContent()).toContain('a second');
  });
});
