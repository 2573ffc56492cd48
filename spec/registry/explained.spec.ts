import { describe, expect, it } from '@jest/globals';
import { explained } from '../../src/registry/explained.ts';
import { ConfigError, OpenError } from '../../src/errors/index.ts';

const settings = [
  { path: 'host', value: 'db', origin: 'params' },
  { path: 'port', value: 1, origin: 'secrets.toml' },
  { path: 'knex.pool.max', value: 1, origin: 'global.toml' },
];
const say = (error: ConfigError | OpenError): string => explained(error, 'pets', settings, []).message;

describe('an error of an opening', () => {
  it('says where the setting is from that it is about, or a table of settings', () => {
    const about = (setting: string) => new ConfigError('invalid_config', `"pets": ${setting}: no.`, { setting });
    expect(say(about('port'))).toBe('"pets": port: no. It is from secrets.toml.');
    expect(say(about('knex'))).toBe('"pets": knex: no. It is from global.toml.');
    expect(explained(about('port'), 'pets', settings, [])).toMatchObject({ setting: 'port', connection: 'pets' });
  });

  it('says where all of them are from when it is about none, or about one that is not there', () => {
    const all = 'The settings are from params and secrets.toml and global.toml.';
    expect(say(new ConfigError('invalid_config', 'no'))).toBe(`no. ${all}`);
    expect(say(new ConfigError('invalid_config', 'no.', { setting: 'po' }))).toBe(`no. ${all}`);
    expect(explained(new ConfigError('invalid_config', 'no.'), 'pets', [], []).message).toBe('no.');
  });

  it.each([
    ['ECONNREFUSED', 'Nothing listens there'],
    ['ENOTFOUND', 'There is no host'],
    ['ETIMEDOUT', 'The host does not answer'],
  ])('says what to look at: %s', (code, advice) => {
    const cause = Object.assign(new Error('no'), { code });
    const error = new OpenError('open_failed', 'no', { category: 'transient', cause });
    expect(say(error)).toContain(advice);
    expect(explained(error, 'pets', settings, [])).toMatchObject({
      name: 'OpenError',
      category: 'transient',
      cause: { code },
    });
  });

  it('is left alone where no setting can be at fault', () => {
    const error = new ConfigError('missing_driver', 'npm install clock');
    expect(explained(error, 'pets', settings, [])).toBe(error);
  });
});
