import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';
import { sidebar } from './navigation.js';

/** The site: `npm run docs:site` builds it from the same pages that are read on GitHub. */
export default defineConfig({
  title: 'hotline',
  description: 'Named, shared, hot-reloading connections for Node.js, as RxJS observables.',
  outDir: '../.cache/site',
  cacheDir: '../.cache/vitepress',
  srcExclude: ['examples/**'],
  head: [
    ['link', { rel: 'icon', href: '/icon.svg' }],
    // The name of the language above a block is too pale to be read.
    ['style', {}, 'html:root { --vp-code-lang-color: var(--vp-c-text-2); }'],
  ],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    // The anchors that GitHub makes, so that one check of the links serves both.
    anchor: { slugify: slug },
    config: (markdown) => {
      markdown.core.ruler.push('links to examples', ({ tokens }) => tokens.forEach(linkToPages));
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Ten minutes', link: '/guides/tutorial' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Errors', link: '/errors' },
    ],
    sidebar,
  },
});

/** On the site an example is a page, not a file. */
function linkToPages({ children }) {
  for (const token of children ?? []) {
    const file = token.type === 'link_open' && /(?:^|\/)examples\/(.+)\.[jt]s$/.exec(token.attrGet('href') ?? '');
    if (file) token.attrSet('href', `/reference/examples/${file[1].replace(/[[\]]/g, '')}`);
  }
}
