/** What each door of the package exports. A name that comes or goes is a decision; it is made here. */
export const publicNames: Record<string, readonly string[]> = {
  '.': [],
  './testing': [],
};
