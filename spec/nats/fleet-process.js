// One process of a fleet on a key in NATS, under load: says what it opens, and at its end what it opened, closed and lost.
import { createConnections } from 'hotline';
import { natsKeyValue } from 'hotline/nats';
import { memoryKind } from 'hotline/testing';

const [url, instance, spread] = process.argv.slice(2);
const memory = memoryKind();
const source = natsKeyValue({ bucket: 'fleet', key: 'secrets', connect: { servers: url }, poll: '2s' });
const hot = createConnections({ sources: [source], types: { memory: memory.Kind }, spread, instance });
let heard = Date.now();
let secrets;
hot.secrets$.subscribe((found) => (secrets = found));
hot.events$.subscribe(({ type, at, id }) => {
  if (type === 'config.changed') heard = at;
  if (type !== 'instance.ready') return;
  const revision = Number(secrets.origin('connections.pets.size').split('#').at(-1));
  process.send({ id, waited: at - heard, size: memory.opened.at(-1).config.size, revision });
});

hot.connection$('pets', { type: 'memory' }).subscribe();
const pets = await hot.connection('pets', { type: 'memory' });
let [uses, failed] = [0, 0];
const load = setInterval(() => {
  uses++;
  const work = (raw) => new Promise((done, fail) => setTimeout(() => (raw.closed ? fail(raw) : done()), 5));
  pets.use(work).catch(() => failed++);
}, 25);

process.on('message', async () => {
  clearInterval(load);
  await hot.close();
  const closed = memory.opened.filter((one) => one.closed).length;
  const { user, system } = process.cpuUsage();
  const cpu = (user + system) / 1000;
  process.send({ opened: memory.opened.length, closed, uses, failed, cpu }, () => process.disconnect());
});
