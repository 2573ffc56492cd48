// Nest: the module's connection in a controller, probes, and a shutdown that answers what it was sent. Decorators are called, as this is
// plain JavaScript.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SqlConnection, tomlFile } from 'hotline';
import { healthHandler } from 'hotline/health';
import { HotlineModule, InjectConnection, registryToken } from 'hotline/nestjs';
import { endAtSigterm } from './shutdown.js';

class PetsController {
  list() {
    return this.pets.query('select * from pet');
  }
}
Controller('pets')(PetsController);
Get()(PetsController.prototype, 'list', Object.getOwnPropertyDescriptor(PetsController.prototype, 'list'));
InjectConnection('pets')(PetsController.prototype, 'pets');

class AppModule {}
const connections = { pets: { type: SqlConnection } };
const hotline = HotlineModule.forRoot({ sources: [tomlFile('secrets.toml')], connections });
Module({ imports: [hotline], controllers: [PetsController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
const hot = app.get(registryToken);
app.use('/health', healthHandler(hot, { connections: ['pets'] }));
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
const server = app.getHttpServer();
console.log(server.address().port);
// In place of `enableShutdownHooks()`, which stops the server at once.
endAtSigterm(hot, server, { stop: () => app.close(), quiet: Number(process.env.QUIET ?? 5000) });
