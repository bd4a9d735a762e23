/** Hash routes, so that any static host and any base path serves every place. Pure: text in, route out. */
export type Route =
  | { readonly place: 'read' }
  | { readonly place: 'meters'; readonly id?: string; readonly part?: MeterPart }
  | { readonly place: 'log'; readonly seq?: number; readonly filter: string }
  | { readonly place: 'tools'; readonly tool?: Tool; readonly frame?: string }
  | { readonly place: 'settings' }
  | { readonly place: 'not found'; readonly hash: string };

export type Tool = (typeof TOOLS)[number];

const TOOLS = ['find', 'change', 'head-check', 'decoder', 'inputs', 'profiles', 'terminal', 'errors'] as const;

/** What a meter's page shows; its registers unless told. */
export type MeterPart = (typeof METER_PARTS)[number];

const METER_PARTS = ['history', 'records', 'objects', 'settings'] as const;

/** The address of the form for a new meter, where a meter's number stands otherwise. */
export const NEW_METER = 'new';

/** The address of what became of all slots of the schedule. */
export const COMPLETENESS = 'completeness';

/** `#/log/481` → record 481 of the log; an empty hash is `home`. */
export function parseRoute(hash: string, home: 'read' | 'meters' = 'read'): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '');
  const [place, detail, more] = parts;
  // `#/tools/decoder/<base64url>` carries a frame.
  if (place === 'tools' && detail === 'decoder' && more !== undefined && parts.length === 3) {
    return { place, tool: detail, frame: more };
  }
  if (place === 'meters') return meterRoute(parts.length, detail, more) ?? { place: 'not found', hash };
  if (parts.length <= 2) {
    if (place === undefined) return { place: home };
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

function meterRoute(length: number, id?: string, partName?: string): Route | undefined {
  if (id === undefined) return { place: 'meters' };
  const part = METER_PARTS.find((name) => name === partName);
  if (length === 2 && (id === NEW_METER || id === COMPLETENESS || /^\d{1,15}$/.test(id)))
    return { place: 'meters', id };
  return length === 3 && part && /^\d{1,15}$/.test(id) ? { place: 'meters', id, part } : undefined;
}

export function hashOf(route: Route): string {
  switch (route.place) {
    case 'meters':
      return ['#/meters', route.id, route.part].filter((part) => part !== undefined).join('/');
    case 'log': {
      const query = route.filter === '' ? '' : `?${new URLSearchParams({ filter: route.filter }).toString()}`;
      return `#/log${route.seq === undefined ? '' : `/${route.seq}`}${query}`;
    }
    case 'tools':
      return ['#/tools', route.tool, route.frame].filter((part) => part !== undefined).join('/');
    case 'not found':
      return route.hash;
    default:
      return `#/${route.place}`;
  }
}
