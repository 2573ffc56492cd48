import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { inlineScripts, pageFiles } from '../../src/devtools/page-files.ts';

describe('page files', () => {
  const files = pageFiles();

  it('are the page, its style and its icon, each with its type', () => {
    expect(files.get('index.html')?.type).toBe('text/html; charset=utf-8');
    expect(files.get('board.css')?.type).toBe('text/css; charset=utf-8');
    expect(files.get('icon.svg')?.type).toBe('image/svg+xml');
  });

  it('are no source maps, declarations or licences', () => {
    expect([...files.keys()].filter((name) => !/\.(html|css|js|svg)$/.test(name))).toEqual([]);
  });

  it('ask nobody else for anything', () => {
    for (const name of ['index.html', 'board.css'])
      expect(files.get(name)!.body.toString()).not.toMatch(/https?:|\/\/|@import|url\(/);
  });

  it('have no style or script inside, but the one map whose digest is told', () => {
    const html = files.get('index.html')!.body.toString();
    expect(html).not.toMatch(/<style|style=|\son\w+=/);
    const inside = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>(.*?)<\/script>/gs)].map(([, text]) => text!);
    const digests = inside.map((text) => createHash('sha256').update(text).digest('base64'));
    expect(inlineScripts(files.get('index.html')!)).toEqual(digests);
    expect(digests).toHaveLength(1);
  });
});
