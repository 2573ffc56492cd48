import { readFileSync } from 'node:fs';
import { slug } from 'github-slugger';
import { sidebar } from './navigation.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
/** The address of the repository. Without it the pages have no links to their source. */
const repository = process.env.HOTLINE_DOCS_REPOSITORY;

/** The site: `npm run docs:site` builds it from the same pages that are read on GitHub. */
export default {
  title: 'hotline',
  description: 'Named, shared, hot-reloading connections for Node.js, as RxJS observables.',
  outDir: '../.cache/site',
  cacheDir: '../.cache/vitepress/vite',
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
    search: {
      provider: 'local',
      // Guides first: what is searched for stands in the reference and in the decisions many times.
      options: {
        miniSearch: {
          searchOptions: { boostDocument: (id) => (/^\/(reference|decisions|errors|sql-errors)/.test(id) ? 0.2 : 1) },
        },
      },
    },
    ...(repository && {
      editLink: { pattern: `${repository}/edit/main/docs/:path`, text: 'Edit this page' },
      socialLinks: [{ icon: 'git', link: repository, ariaLabel: 'Source' }],
    }),
    outline: [2, 3],
    nav: [
      { text: 'Ten minutes', link: '/guides/tutorial' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Errors', link: '/errors' },
      { text: `v${version}`, link: '/guides/upgrading' },
    ],
    sidebar,
  },
};

/** On the site an example is a page, not a file. */
function linkToPages({ children }) {
  for (const token of children ?? []) {
    const file = token.type === 'link_open' && /(?:^|\/)examples\/(.+)\.[jt]s$/.exec(token.attrGet('href') ?? '');
    if (file) token.attrSet('href', `/reference/examples/${file[1].replace(/[[\]]/g, '')}`);
  }
}
