/** Hash routes, so that any static host and any base path serves every place. Pure: text in, route out. */
export type Route =
  | { readonly place: 'read' }
  | { readonly place: 'log'; readonly seq?: number; readonly filter: string }
  | { readonly place: 'tools'; readonly tool?: Tool }
  | { readonly place: 'settings' }
  | { readonly place: 'not found'; readonly hash: string };

export type Tool = 'head-check' | 'errors';

const TOOLS: readonly Tool[] = ['head-check', 'errors'];

/** `#/log/481` → record 481 of the log; an empty hash is Read. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '');
  const [place, detail] = parts;
  if (parts.length <= 2) {
    if (place === undefined) return { place: 'read' };
    if (place === 'read' && detail === undefined) return { place };
    if (place === 'settings' && detail === undefined) return { place };
    if (place === 'log') {
      const filter = new URLSearchParams(query).get('filter') ?? '';
      if (detail === undefined) return { place, filter };
      if (/^\d{1,15}$/.test(detail)) return { place, seq: Number(detail), filter };
    }
    if (place === 'tools') {
      if (detail === undefined) return { place };
      const tool = TOOLS.find((name) => name === detail);
      if (tool) return { place, tool };
    }
  }
  return { place: 'not found', hash };
}

export function hashOf(route: Route): string {
  switch (route.place) {
    case 'log': {
      const query = route.filter === '' ? '' : `?${new URLSearchParams({ filter: route.filter }).toString()}`;
      return `#/log${route.seq === undefined ? '' : `/${route.seq}`}${query}`;
    }
    case 'tools':
      return route.tool ? `#/tools/${route.tool}` : '#/tools';
    case 'not found':
      return route.hash;
    default:
      return `#/${route.place}`;
  }
}
