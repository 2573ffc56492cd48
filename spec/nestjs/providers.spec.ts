import { firstValueFrom, type Observable } from 'rxjs';
import { describe, expect, it } from '@jest/globals';
import type { BaseConnection } from 'hotline';
import { connectionToken, connectionToken$, HotlineModule } from 'hotline/nestjs';
import { memoryKind, type MemoryInstance } from 'hotline/testing';
import { application, options } from './application.ts';

type Pets = BaseConnection<MemoryInstance>;

describe('what is provided for a connection', () => {
  it('the stream opens nothing before somebody subscribes', async () => {
    const memory = memoryKind();
    const root = HotlineModule.forRootAsync({ useFactory: () => options(memory) });
    const app = await application([root, HotlineModule.forFeature({ wh: { size: 1 } })]);
    expect(memory.open).toHaveLength(1);
    const wh = app.get<Pets>(connectionToken('wh'));
    expect(await firstValueFrom(app.get<Observable<Pets>>(connectionToken$('wh')))).toBe(wh);
    await app.close();
  });

  it('the application does not start with a connection that cannot be opened; the error says which and why', async () => {
    const memory = memoryKind();
    memory.failNext();
    const starting = application([HotlineModule.forRoot({ ...options(memory), connections: ['pets'] })]);
    await expect(starting).rejects.toMatchObject({ code: 'open_failed', connection: 'pets' });
  });
});
