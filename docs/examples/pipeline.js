import { createConnections } from 'hotline';

const hot = createConnections({ sources: [] });
const from = await hot.connection('from', { type: 'sql', url: 'sqlite://' });
const to = await hot.connection('to', { type: 'sql', url: 'sqlite://' });
for (const side of [from, to]) await side.execute('create table pet (id int, name text)');
await from.insertRows(
  'pet',
  [1, 2, 3, 4, 5].map((id) => ({ id, name: `pet ${id}` })),
);

const copied$ = from.batches$('select id, name from pet order by id', {
  batchSize: 2,
  project: (pets) => to.insertRows('pet', pets),
});
copied$.subscribe({
  next: ({ rowCount }) => console.log('copied', rowCount),
  complete: () => hot.close(),
});
