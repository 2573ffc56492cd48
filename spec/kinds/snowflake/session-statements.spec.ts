import { describe, expect, it } from '@jest/globals';
import { guardSession } from '../../../src/kinds/snowflake/session-statements.ts';

describe('a statement for the session that all share', () => {
  it.each([
    ['use schema x', 'session(fn)'],
    ['  USE DATABASE x', 'session(fn)'],
    ['-- a comment\n use role r', 'session(fn)'],
    ['/* a */ set x = 1', 'session(fn)'],
    ['unset x', 'session(fn)'],
    ['alter session set timezone = 1', 'session(fn)'],
    ['begin', 'transaction(fn)'],
    ['begin transaction', 'transaction(fn)'],
    ['start transaction', 'transaction(fn)'],
    ['commit', 'transaction(fn)'],
    ['rollback', 'transaction(fn)'],
  ])('%s is refused', (sql, cure) => {
    expect(() => guardSession(sql)).toThrow(expect.objectContaining({ code: 'not_supported' }));
    expect(() => guardSession(sql)).toThrow(cure);
  });

  it.each([
    'select 1',
    'alter table t add c int',
    'update t set a = 1',
    'begin let x := 1; return x; end',
    "insert into t values ('use x')",
    '',
  ])('%s is not', (sql) => {
    expect(() => guardSession(sql)).not.toThrow();
  });
});
