// Fastify: the handle is a decoration, the probes get Node's own request and response, `close` drains.
import Fastify from 'fastify';
import { createConnections, SqlConnection, tomlFile } from 'hotline';
import { healthHandler } from 'hotline/health';

const hot = createConnections({ sources: [tomlFile('secrets.toml')] });
const health = healthHandler(hot, { connections: ['pets'] });
const app = Fastify();

// It serves from the start, and it never goes stale: the same handle speaks to what is in the file.
app.decorate('pets', await hot.connection('pets', { type: SqlConnection }));
app.addHook('onClose', () => hot.close());
app.get('/pets', () => app.pets.query('select * from pet'));
app.get('/health/:probe', (request, reply) => {
  reply.hijack();
  health(request.raw, reply.raw);
});

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
console.log(app.server.address().port);
process.once('SIGTERM', () => app.close());
