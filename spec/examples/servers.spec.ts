import { describe, expect, it } from '@jest/globals';
import { startExample } from './server.ts';

describe.each(['express.js', 'fastify.js'])('docs/examples/%s', (file) => {
  it('serves rows, follows the file, answers its probes, and ends when it is told to', async () => {
    await using server = await startExample(file);
    expect(await server.ask('/pets')).toEqual([200, [{ name: 'Milo' }]]);
    expect(await server.ask('/health/live')).toEqual([200, { status: 'up' }]);
    await server.use('farm');
    await server.until('Dolly');
    const pets = { status: 'up', state: 'ready', generation: 2 };
    expect(await server.ask('/health/ready')).toEqual([200, { status: 'up', connections: { pets }, secrets: 'up' }]);
    expect(await server.stop()).toBe(0);
  });
});
