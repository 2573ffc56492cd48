// Fastify: the handle is a decoration, the probes get Node's own request and response, and a shutdown that answers what it was sent.
import Fastify from 'fastify';
import { createConnections, SqlConnection, tomlFile } from 'hotline';
import { healthHandler } from 'hotline/health';
import { endAtSigterm } from './shutdown.js';

const hot = createConnections({ sources: [tomlFile('secrets.toml')] });
const health = healthHandler(hot, { connections: ['pets'] });
const app = Fastify();

// It serves from the start, and it never goes stale: the same handle speaks to what is in the file.
app.decorate('pets', await hot.connection('pets', { type: SqlConnection }));
app.get('/pets', () => app.pets.query('select * from pet'));
app.get('/health/:probe', (request, reply) => {
  reply.hijack();
  health(request.raw, reply.raw);
});

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
console.log(app.server.address().port);
endAtSigterm(hot, app.server, { stop: () => app.close(), quiet: Number(process.env.QUIET ?? 5000) });
