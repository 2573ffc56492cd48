// An application of Express with Drizzle over `hotline/pg`, in ES modules.
import { applied } from './applied.js';

const files = {
  'package.json': JSON.stringify({ name: 'pets', type: 'module', private: true }),
  'main.js': `
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, serial, text } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';
import express from 'express';
import { createConnections, SqlConnection, tomlFile } from 'hotline';
import { pgPool } from 'hotline/pg';

const hot = createConnections({ sources: [tomlFile(process.env.SECRETS)] });
const db = drizzle(pgPool(() => hot.connection('pets', { type: SqlConnection })));
const pet = pgTable('pet', { id: serial(), name: text().notNull() });

const app = express();
app.use(express.json());
app.get('/', async (_request, response) => {
  const [{ database }] = (await db.execute(sql\`select current_database() as database\`)).rows;
  response.json({ database, pets: await db.select().from(pet) });
});
app.post('/', async (request, response) => {
  const { name } = request.body;
  const [made] = await db.transaction((tx) => tx.insert(pet).values({ name }).returning());
  response.status(201).json(made);
});
const server = app.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => server.close(() => hot.close()));
`,
};

/** Makes the application, and says where. */
export const express = () =>
  applied('express', { packages: {}, ours: ['drizzle-orm', 'express', 'pg', 'rxjs'], files });
