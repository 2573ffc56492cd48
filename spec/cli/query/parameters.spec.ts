import { describe, expect, it } from '@jest/globals';
import { parameters } from '../../../src/cli/query/parameters.ts';

describe('parameters', () => {
  it.each([
    ['who=Ann', { who: 'Ann' }],
    [':who=Ann', { who: 'Ann' }],
    ['sum=a=b', { sum: 'a=b' }],
    ['n=42', { n: 42 }],
    ['n=-1.5', { n: -1.5 }],
    ['zip=00501', { zip: '00501' }],
    ['card=4111111111111111111', { card: '4111111111111111111' }],
    ['n="42"', { n: '42' }],
    ['yes=true', { yes: true }],
    ['no=null', { no: null }],
    ['empty=', { empty: '' }],
    ['quote="a" b', { quote: '"a" b' }],
    ['odd=Infinity', { odd: 'Infinity' }],
  ])('%s', (text, expected) => {
    expect(parameters([text])).toEqual(expected);
  });

  it('later ones win, none are none, and what has no name is refused', () => {
    expect(parameters(['a=1', 'a=2'])).toEqual({ a: 2 });
    expect(parameters([])).toBeUndefined();
    for (const wrong of ['a', '=1', '']) expect(() => parameters([wrong])).toThrow('name=value');
  });
});
