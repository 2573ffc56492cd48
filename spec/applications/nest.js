// An application as `nest new` lays it out (CommonJS, ts-jest), with TypeORM over `hotline/pg`, and its own specs.
import { applied } from './applied.js';

/** What `nest new` and Nest's guide to TypeORM have installed, without the formatter, the linter and the generator of files. */
const packages = {
  '@nestjs/testing': '11.2.6',
  '@nestjs/typeorm': '11.0.3',
  '@types/express': '5.0.6',
  '@types/jest': '30.0.0',
  '@types/supertest': '7.2.1',
  supertest: '7.3.2',
  'ts-jest': '29.4.15',
  typeorm: '1.1.1',
  typescript: '5.9.3',
};
const ours = ['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', '@types/node', '@types/pg', 'jest', 'pg'];

const jestOf = (rootDir, testRegex) => ({
  moduleFileExtensions: ['js', 'json', 'ts'],
  rootDir,
  testRegex,
  transform: { '^.+\\.(t|j)s$': 'ts-jest' },
  testEnvironment: 'node',
});

const files = {
  'package.json': JSON.stringify({
    name: 'pets',
    version: '0.0.1',
    private: true,
    scripts: {
      build: 'tsc -p tsconfig.build.json',
      'start:prod': 'node dist/main',
      test: 'jest',
      'test:e2e': 'jest --config ./test/jest-e2e.json',
    },
    jest: jestOf('src', '.*\\.spec\\.ts$'),
  }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      module: 'nodenext',
      moduleResolution: 'nodenext',
      resolvePackageJsonExports: true,
      esModuleInterop: true,
      isolatedModules: true,
      declaration: true,
      removeComments: true,
      emitDecoratorMetadata: true,
      experimentalDecorators: true,
      allowSyntheticDefaultImports: true,
      target: 'ES2023',
      sourceMap: true,
      outDir: './dist',
      baseUrl: './',
      incremental: true,
      skipLibCheck: true,
      strictNullChecks: true,
      forceConsistentCasingInFileNames: true,
      noImplicitAny: false,
      strictBindCallApply: false,
      noFallthroughCasesInSwitch: false,
    },
  }),
  'tsconfig.build.json': JSON.stringify({
    extends: './tsconfig.json',
    exclude: ['node_modules', 'test', 'dist', '**/*spec.ts'],
  }),
  'test/jest-e2e.json': JSON.stringify(jestOf('.', '.e2e-spec.ts$')),

  'src/pet.entity.ts': `
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Pet {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  name: string;
}
`,
  'src/app.service.ts': `
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { SqlConnection } from 'hotline';
import { InjectConnection } from 'hotline/nestjs';
import { Repository } from 'typeorm';
import { Pet } from './pet.entity';

@Injectable()
export class AppService {
  constructor(
    @InjectRepository(Pet) private readonly repository: Repository<Pet>,
    @InjectConnection('pets') private readonly connection: SqlConnection,
  ) {}

  async getPets() {
    const pets = await this.repository.find();
    const [{ database }] = await this.connection.query<{ database: string }>('select current_database() as database');
    return { database, pets };
  }

  addPet(name: string) {
    return this.repository.manager.transaction((manager) => manager.save(Pet, { name }));
  }
}
`,
  'src/app.controller.ts': `
import { Body, Controller, Get, Post } from '@nestjs/common';
import { AppService } from './app.service';

@Controller()
export class AppController {
  constructor(private readonly appService: AppService) {}

  @Get()
  getPets() {
    return this.appService.getPets();
  }

  @Post()
  addPet(@Body() { name }: { name: string }) {
    return this.appService.addPet(name);
  }
}
`,
  'src/app.module.ts': `
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SqlConnection, tomlFile } from 'hotline';
import { connectionToken, HotlineModule } from 'hotline/nestjs';
import { pgPool } from 'hotline/pg';
import pg from 'pg';
import { AppController } from './app.controller';
import { AppService } from './app.service';
import { Pet } from './pet.entity';

@Module({
  imports: [
    HotlineModule.forRoot({
      sources: [tomlFile(process.env.SECRETS ?? 'secrets.toml')],
      connections: { pets: { type: SqlConnection } },
    }),
    TypeOrmModule.forRootAsync({
      inject: [connectionToken('pets')],
      useFactory: (pets: SqlConnection) => {
        const Pool = function () {
          return pgPool(pets);
        };
        return { type: 'postgres', driver: { ...pg, Pool }, entities: [Pet] };
      },
    }),
    TypeOrmModule.forFeature([Pet]),
  ],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`,
  'src/main.ts': `
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.enableShutdownHooks();
  await app.listen(process.env.PORT ?? 3000);
}
void bootstrap();
`,
  'src/app.controller.spec.ts': `
import { Test, TestingModule } from '@nestjs/testing';
import { getRepositoryToken } from '@nestjs/typeorm';
import { connectionToken } from 'hotline/nestjs';
import { AppController } from './app.controller';
import { AppService } from './app.service';
import { Pet } from './pet.entity';

describe('AppController', () => {
  let appController: AppController;

  beforeEach(async () => {
    const app: TestingModule = await Test.createTestingModule({
      controllers: [AppController],
      providers: [
        AppService,
        { provide: getRepositoryToken(Pet), useValue: { find: async () => [{ id: 1, name: 'Whiskers' }] } },
        { provide: connectionToken('pets'), useValue: { query: async () => [{ database: 'none' }] } },
      ],
    }).compile();
    appController = app.get<AppController>(AppController);
  });

  it('answers with the pets', async () => {
    expect(await appController.getPets()).toEqual({ database: 'none', pets: [{ id: 1, name: 'Whiskers' }] });
  });
});
`,
  'test/app.e2e-spec.ts': `
import { INestApplication } from '@nestjs/common';
import { Test, TestingModule } from '@nestjs/testing';
import { type ConnectionRegistry } from 'hotline';
import { registryToken } from 'hotline/nestjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { filter, firstValueFrom } from 'rxjs';
import request from 'supertest';
import { App } from 'supertest/types';
import { AppModule } from './../src/app.module';

describe('AppController (e2e)', () => {
  let app: INestApplication<App>;

  beforeEach(async () => {
    const moduleFixture: TestingModule = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = moduleFixture.createNestApplication();
    await app.init();
  });

  afterEach(() => app.close());

  it('goes on when the secret is rotated', async () => {
    await request(app.getHttpServer()).post('/').send({ name: 'Whiskers' }).expect(201);
    const one = await request(app.getHttpServer()).get('/').expect(200);
    expect(one.body).toMatchObject({ database: 'one', pets: [{ name: 'Whiskers' }] });
    const hot = app.get<ConnectionRegistry>(registryToken);
    const closed = firstValueFrom(hot.events$.pipe(filter(({ type }) => type === 'instance.closed')));
    const secrets = process.env.SECRETS!;
    writeFileSync(secrets, readFileSync(secrets, 'utf8').replace('/one"', '/two"'));
    await closed;
    await request(app.getHttpServer()).get('/').expect(200, { database: 'two', pets: [] });
  });
});
`,
};

/** Makes the application, and says where. */
export const nest = () => applied('nest', { packages, ours: [...ours, 'reflect-metadata', 'rxjs'], files });
