import { describe, expect, it } from '@jest/globals';
import { guardRead } from '../../../src/kinds/sql/write-guard.ts';

const refused = (sql: string): boolean => {
  try {
    guardRead(sql, 'postgresql');
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'write_in_query' });
    expect((error as Error).message).toMatch(/`(execute|transaction)`/);
    return true;
  }
};

describe('guardRead', () => {
  it.each([
    'select 1',
    '  (select 1) union (select 2)',
    '-- insert into x\nselect 1',
    '/* delete from x */ select 1;',
    'select * from pet for update',
    'select * from pet for no key update of pet',
    `select 'insert into x', "delete from y" from z`,
    'with a as (select 1) select * from a',
    'with a as (select 1) select * from a for update',
    'values (1), (2)',
    'table pet',
    'show tables',
    'explain select 1',
    'explain insert into pet values (1)',
    'explain analyze select 1',
    'pragma table_info(pet)',
    'describe pet',
    'select updated, deleted from merges',
    'select * from "update" where set = 1',
    '',
  ])('lets through: %s', (sql) => {
    expect(refused(sql)).toBe(false);
  });

  it.each([
    'insert into pet values (1)',
    'INSERT INTO pet values (1) returning id',
    '\n/* a */ -- b\n update pet set a = 1',
    'delete from pet',
    'merge into pet using x on true when matched then delete',
    'replace into pet values (1)',
    'truncate pet',
    'create table x (a int)',
    'drop table pet',
    'select 1; delete from pet',
    'with gone as (delete from pet returning *) select * from gone',
    'with a as (select 1) insert into pet select * from a',
    'with a as (select 1) update only pet p set a = 1',
    'with a as (select 1) update "pet" set a = 1',
    'select * into other from pet',
    'explain analyze delete from pet',
    'pragma user_version = 3',
    'call change_everything()',
    'set search_path = x',
    'begin',
    'commit',
  ])('2.I 158 refuses: %s', (sql) => {
    expect(refused(sql)).toBe(true);
  });
});
