// One process of a fleet whose secrets are on a key of NATS, with a copy on disk: queries a database, and says by which secrets it serves.
import { createConnections, SqlConnection } from 'hotline';
import { natsKeyValue } from 'hotline/nats';
import { keptOnDisk } from '../../docs/examples/sources/kept-on-disk.js';

const [url, copy] = process.argv.slice(2);
const nats = natsKeyValue({ bucket: 'fleet', key: 'secrets', connect: { servers: url }, poll: '1s' });
const sources = [copy ? keptOnDisk(nats, copy, { within: 2000 }) : nats];
const hot = createConnections({ sources, retry: { attempts: 2, minDelay: 50 } });

const say = async () => {
  const pets = await hot.connection('pets', { type: SqlConnection });
  const [{ user }] = await pets.query('select current_user as user');
  process.send({ user });
};
hot.events$.subscribe(({ type }) => {
  if (type === 'instance.ready') void say();
});
hot.connection('pets', { type: SqlConnection }).catch(({ code }) => process.send({ failed: code }));
process.once('message', async () => {
  await hot.close({ timeout: '5s' });
  process.disconnect();
});
