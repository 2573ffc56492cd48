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

// In a container HOST is 0.0.0.0: probes come from outside.
const { HOST = '127.0.0.1', PORT = '3000' } = process.env;
const server = app.listen(Number(PORT), HOST, () => console.log(server.address().port));
endAtSigterm(hot, server, { quiet: Number(process.env.QUIET ?? 5000) });
