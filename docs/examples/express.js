// Express: a route on a named connection, probes beside it, and a shutdown that answers what it was sent.
import express from 'express';
import { createConnections, SqlConnection, tomlFile } from 'hotline';
import { healthHandler } from 'hotline/health';
import { endAtSigterm } from './shutdown.js';

const hot = createConnections({ sources: [tomlFile('secrets.toml')] });
const app = express();

app.use('/health', healthHandler(hot, { connections: ['pets'] }));
app.get('/pets', async (_request, response) => {
  const pets = await hot.connection('pets', { type: SqlConnection });
  response.json(await pets.query('select * from pet'));
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log(server.address().port));
endAtSigterm(hot, server, { quiet: Number(process.env.QUIET ?? 5000) });
