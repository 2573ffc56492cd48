import { describe, expect, it } from '@jest/globals';
import { createConnections } from 'hotline';
import { memorySource } from 'hotline/testing';
import { waiting } from '../../src/testing/source-words.ts';

describe('waiting', () => {
  it('says what a source did not say in time', async () => {
    const { first, until } = waiting(20);
    const source = memorySource({ connections: { subject: { word: 'one' } } });
    source.missing();
    await expect(first(source)).rejects.toThrow('The source did not say so in 20 ms: that it is loaded.');
    const hot = createConnections({ sources: [source] });
    await expect(until(hot, 'two')).rejects.toThrow('two');
    await hot.close();
  });
});
