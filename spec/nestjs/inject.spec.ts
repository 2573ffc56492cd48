import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeProject, type Project } from '../support/project.ts';

/** Says which lines of which files do not compile. */
function compile(project: Project): Promise<string[]> {
  const tsc = resolve('node_modules/@typescript/native/bin/tsc');
  return new Promise((done) => {
    const flags = ['-p', project.root, '--pretty', 'false'];
    execFile(process.execPath, [tsc, ...flags], { cwd: project.root }, (_error, stdout) =>
      done(stdout.split('\n').flatMap((line) => /^\S+\(\d+/.exec(line)?.map((place) => place.replace('(', ':')) ?? [])),
    );
  });
}

const head = `
import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { SnowflakeConnection, SqlConnection, type ConnectionRegistry } from 'hotline';
import { InjectConnection, InjectConnection$, InjectRegistry } from 'hotline/nestjs';
@Injectable()
export class Service {
  constructor(
    @InjectConnection('pets') readonly pets: SqlConnection,
    @InjectConnection$('pets') readonly pets$: Observable<SqlConnection>,
    @InjectRegistry() readonly hot: ConnectionRegistry,
  ) {}
`;

describe('the decorators, in a Nest project with decorator syntax', () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject();
    const legacy = { experimentalDecorators: true, emitDecoratorMetadata: true };
    const compilerOptions = { module: 'NodeNext', target: 'ES2023', strict: true, noEmit: true, types: ['node'] };
    await project.write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...legacy }, include: ['src'] }),
    );
  });
  afterAll(() => project.remove());

  it('take every type until Connections says which there are', async () => {
    await project.write(
      'src/service.ts',
      `${head}
  @InjectConnection('anything') wh!: SnowflakeConnection;
}`,
    );
    expect(await compile(project)).toEqual([]);
  });

  it('then know what is injected under a name', async () => {
    await project.write(
      'src/connections.d.ts',
      `import type { SqlConnection } from 'hotline';
declare module 'hotline' { interface Connections { pets: SqlConnection } }`,
    );
    await project.write(
      'src/service.ts',
      `${head}
  @InjectConnection('pets') right!: SqlConnection;
  @InjectConnection('petz') misspelt!: SqlConnection;
  @InjectConnection('pets') otherKind!: SnowflakeConnection;
  @InjectConnection$('pets') notAStream!: SqlConnection;
}
export class Nothing {
  constructor(@InjectConnection('pets') readonly wh: SnowflakeConnection) {}
}`,
    );
    const first = head.split('\n').length + 1;
    const lines = [first + 1, first + 2, first + 3, first + 6];
    expect(await compile(project)).toEqual(lines.map((line) => `src/service.ts:${line}`));
  });
});
