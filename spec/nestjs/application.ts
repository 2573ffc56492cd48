import 'reflect-metadata';
import {
  Controller,
  Get,
  Inject,
  Module,
  type DynamicModule,
  type INestApplication,
  type LoggerService,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { InjectDecorator } from 'hotline/nestjs';
import { memorySource, type MemoryKind } from 'hotline/testing';

/** A class with what decorators would say: this project's TypeScript has none. */
export function injected<C extends new (...parameters: never) => unknown>(
  Class: C,
  ...decorators: readonly InjectDecorator<never>[]
): C {
  decorators.forEach((decorate, index) => (decorate as ReturnType<typeof Inject>)(Class, undefined, index));
  return Class;
}

/** A controller of `GET /<path>` that answers with what `method` returns. */
export function controller<C extends Type>(Class: C, path: string, method: string): C {
  const { prototype } = Class as { prototype: object };
  Get()(prototype, method, Object.getOwnPropertyDescriptor(prototype, method)!);
  Controller(path)(Class);
  return Class;
}

/** An application of these modules and controllers. */
export function application(
  imports: DynamicModule[],
  controllers: Type[] = [],
  logger: false | LoggerService = false,
): Promise<INestApplication> {
  class AppModule {}
  Module({ imports, controllers })(AppModule);
  return NestFactory.create(AppModule, { logger, abortOnError: false });
}

/** A registry of two connections in memory. */
export function options(memory: MemoryKind) {
  const source = memorySource({ connections: { pets: { type: 'memory' }, wh: { type: 'memory' } } });
  return { sources: [source], types: { memory: memory.Kind }, retry: { attempts: 1 } };
}
