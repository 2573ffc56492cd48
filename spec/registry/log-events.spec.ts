import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createConnections, logEvents, type ConnectionRegistry, type EventLogger } from 'hotline';
import { memoryKind, memorySource, type MemoryKind, type MemorySource } from 'hotline/testing';
import { Subject } from 'rxjs';

describe('logEvents', () => {
  let hot: ConnectionRegistry | undefined;
  let source: MemorySource;
  afterEach(() => hot?.close());

  function started(logger: EventLogger): { hot: ConnectionRegistry; memory: MemoryKind; stop: () => void } {
    const memory = memoryKind();
    source = memorySource({ connections: { pets: { password: 'correct-horse' } } });
    hot = createConnections({ sources: [source], retry: { attempts: 1 }, closeTimeout: 50 });
    const logging = logEvents(hot, logger);
    return { hot, memory, stop: () => logging.unsubscribe() };
  }

  it('writes to a console: what goes well to its output, failures to its errors, and no secret', async () => {
    const [out, errors] = [new Lines(), new Lines()];
    const { hot, memory } = started(new Console(out.stream, errors.stream));
    memory.failNext(Object.assign(new Error('login of correct-horse refused'), { category: 'auth' }));
    await hot.connection('pets', { type: memory.Kind }).catch(() => undefined);
    const pets = await hot.connection('pets', { type: memory.Kind });
    await pets.reset();
    await hot.close();
    expect(out.all).toEqual([
      'source memory: loaded',
      'connection pets: instance 1 is being opened',
      'connection pets: instance 2 is being opened',
      'connection pets: instance 2 is ready',
      'connection pets: instance 2 is retired (reset)',
      'connection pets: instance 2 is closed',
    ]);
    expect(errors.all).toEqual([expect.stringMatching(/^connection pets: instance 1 failed: .* \[auth_failed\]$/)]);
    expect([...out.all, ...errors.all].join()).not.toContain('correct-horse');
  });

  it('calls the methods of a logger as its own, and those of this moment, as loggers that change their level need', async () => {
    const logger = new Levels();
    const { hot, memory } = started(logger);
    await hot.connection('pets', { type: memory.Kind });
    logger.info = () => logger.seen.push('another info');
    await hot.close();
    expect(logger.seen.map((line) => line.replace(/:.*/, ''))).toEqual([
      'info source memory',
      'debug connection pets',
      'info connection pets',
      'another info',
      'debug connection pets',
    ]);
  });

  it('calls log of the logger of Nest, and of one without debug only what it has', async () => {
    const seen: string[] = [];
    const push = (line: string): unknown => seen.push(line);
    class Captured extends Logger {
      override log = push;
      override debug = push;
    }
    const { hot, memory, stop } = started(new Captured('hotline'));
    await hot.connection('pets', { type: memory.Kind });
    expect(seen).toHaveLength(3);
    stop();
    logEvents(hot, { log: push, warn: push, error: push });
    await hot.close();
    expect(seen).toHaveLength(4);
  });

  it('stops when it is told to', async () => {
    const logger = new Levels();
    const { hot, memory, stop } = started(logger);
    await hot.connection('pets', { type: memory.Kind });
    stop();
    const before = logger.seen.length;
    await hot.close();
    expect(logger.seen).toHaveLength(before);
  });

  it('survives a logger that throws', async () => {
    const seen: string[] = [];
    const { hot, memory } = started({
      info: () => {
        throw new Error('the disk is full');
      },
      debug: (line) => seen.push(line),
      warn: () => undefined,
      error: () => undefined,
    });
    await hot.connection('pets', { type: memory.Kind });
    await hot.close();
    expect(seen).toHaveLength(2);
  });

  it('gives every event its severity, as one line', () => {
    const logger = new Levels();
    const events$ = new Subject<never>();
    logEvents({ events$ }, logger);
    const error = { message: 'first\nsecond\u2028third', code: 'a_code' };
    const pets = { id: 'pets', connection: 'pets', generation: 3 };
    const told: object[] = [
      { type: 'source.missing', source: 'a.toml' },
      { type: 'source.missing', source: 'a.toml', error },
      { type: 'source.failed', source: 'a.toml', error },
      { type: 'config.changed', ...pets, settings: ['host', 'knex.pool.max'] },
      { type: 'instance.closed', ...pets, error },
      { type: 'lease.aborted', ...pets, error },
      { type: 'warning', ...pets, code: 'a_code', message: 'odd' },
      { type: 'warning', source: 'a.toml', code: 'a_code', message: 'odd' },
    ];
    for (const event of told) events$.next(event as never);
    expect(logger.seen).toEqual([
      'debug source a.toml: missing, which it may be',
      'warn source a.toml: missing: first second third [a_code]',
      'error source a.toml: failed: first second third [a_code]',
      'info connection pets: its settings have changed: host, knex.pool.max',
      'warn connection pets: instance 3 was abandoned: first second third [a_code]',
      'warn connection pets: a lease was cut: first second third [a_code]',
      'warn connection pets: odd [a_code]',
      'warn source a.toml: odd [a_code]',
    ]);
  });

  it.each([undefined, null, 'console', {}, { info() {}, warn() {} }, { error() {}, warn() {} }])(
    'refuses %p, which is no logger',
    (logger) => {
      expect(() => logEvents({ events$: new Subject() }, logger as never)).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      );
    },
  );
});

/** A stream that keeps the lines written to it. */
class Lines {
  #text = '';
  readonly stream = new Writable({
    write: (chunk, _encoding, done) => {
      this.#text += String(chunk);
      done();
    },
  });

  get all(): string[] {
    return this.#text.split('\n').filter(Boolean);
  }
}

/** A logger of the shape of pino, whose methods need their `this`. */
class Levels {
  readonly seen: string[] = [];
  debug(line: string): unknown {
    return this.seen.push(`debug ${line}`);
  }
  info(line: string): unknown {
    return this.seen.push(`info ${line}`);
  }
  warn(line: string): unknown {
    return this.seen.push(`warn ${line}`);
  }
  error(line: string): unknown {
    return this.seen.push(`error ${line}`);
  }
}
