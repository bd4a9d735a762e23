import { fromHex, inPairs, toHex, toLatin1 } from '../../common/bytes.ts';
import { unitOf } from '../../common/unit-codes.ts';
import type { Explainer, Span } from '../protocol.ts';
import { deviceNumber, isPrintable } from './device-id.ts';
import { itemsOf, type Element } from './element.ts';
import { codeOf } from './list.ts';
import {
  ATTENTION,
  LIST_RESPONSE,
  messageNames,
  OPEN_RESPONSE,
  PROFILE_RESPONSE,
  serverIdOf,
  type Message,
} from './message.ts';
import { isLocked, LOCKED, speakerOf } from './meter.ts';
import { listsIn, saidIn, type Said } from './said.ts';
import { statusOf } from './status.ts';
import { placeIn } from './transport.ts';

/** SML in words. */
export const smlExplainer: Explainer = {
  describe({ data, facts }) {
    const said = saidIn(fromHex(data) ?? new Uint8Array(0));
    const lists = said.flatMap(listsIn);
    const first = lists[0]?.list;
    const speaker = first && speakerOf(first);
    const ids = said.flatMap(({ messages }) => messages.flatMap((message) => serverIdOf(message) ?? []));
    const number = speaker?.number ?? (ids[0] ? deviceNumber(ids[0]) : '');
    const maker = speaker?.maker ?? '';
    const rows: readonly (readonly [string, string])[] = [
      ...facts,
      ['Number', number],
      ['Maker', maker],
      ['Status', speaker?.status?.words.join(', ') ?? ''],
      ['Entries', lists.length === 0 ? '' : String(lists.reduce((sum, { list }) => sum + list.entries.length, 0))],
      ['Messages', namesOf(said)],
      ['Locked', first && isLocked(first) ? LOCKED : ''],
    ];
    return {
      kind: 'SML transmission',
      meter: number,
      facts: rows.filter(([, value]) => value !== ''),
      limit: '',
    };
  },
  explain(bytes) {
    const said = saidIn(bytes);
    const spans = said.flatMap((one) => (one.transmission ? framed(one) : messagesOf(one)));
    return withoutGaps(spans, bytes.length);
  },
  starts: (bytes) => saidIn(bytes).map(({ start }) => start),
};

const namesOf = (said: readonly Said[]): string =>
  [
    ...new Set(said.flatMap(({ messages }) => messages.map(({ tag }) => messageNames[tag] ?? `message ${hexOf(tag)}`))),
  ].join(', ');

const hexOf = (tag: number) => tag.toString(16).toUpperCase().padStart(4, '0');

const [START_BYTES, END_BYTES] = [8, 8];

function framed(said: Said): readonly Span[] {
  const { start, length, transmission } = said;
  const end = start + length;
  const verdict = transmission?.check === 'bad' ? 'wrong' : 'right';
  const kind = transmission?.check === 'kermit' ? ', of the kind this maker uses' : '';
  return [
    { start, end: start + START_BYTES, text: 'start of a transmission' },
    ...messagesOf(said),
    { start: end - END_BYTES, end: end - 3, text: 'end of the transmission' },
    { start: end - 3, end: end - 2, text: 'how many bytes filled it up' },
    { start: end - 2, end, text: `check sum of the transmission: ${verdict}${kind}` },
  ];
}

/** Only those with a place; what lies between is filled up later. */
function messagesOf({ start, transmission, messages }: Said): readonly Span[] {
  const place = (position: number) => start + (transmission ? placeIn(transmission, position) : position);
  return messages.flatMap(messageSpans).map((span) => ({ ...span, start: place(span.start), end: place(span.end) }));
}

const MESSAGE = ['transaction', 'group', 'what to do on an error', '', 'check sum', 'end of the message'];
const BODIES: Readonly<Record<number, readonly string[]>> = {
  [OPEN_RESPONSE]: ['code page', 'client', 'request', 'device', 'time', 'version'],
  [LIST_RESPONSE]: ['client', 'device', 'list', 'time', 'entries', 'signature', 'time of the gateway'],
  [PROFILE_RESPONSE]: ['device', 'time', 'period', 'path', 'time', 'status', 'entries', 'raw data', 'signature'],
  [ATTENTION]: ['device', 'number', 'message', 'details'],
};
const ENTRY = ['', 'status', 'time', 'unit', 'scale', 'value', 'signature'];
const PERIOD_ENTRY = ['', 'unit', 'scale', 'value', 'signature'];

function messageSpans({ whole, tag, body, check }: Message): readonly Span[] {
  const items = itemsOf(whole);
  const name = messageNames[tag] ?? `message ${hexOf(tag)}`;
  return [
    head(whole, `${name}: begins`),
    ...items.flatMap((item, index): readonly Span[] => {
      if (index === 4) return [leaf(item, `${name}: check sum, ${check === 'bad' ? 'wrong' : 'right'}`)];
      if (index !== 3) return spansOf(item, `${name}: ${MESSAGE[index] ?? ''}`);
      const [choice] = itemsOf(item);
      return [
        head(item, `${name}: body`),
        ...(choice ? [leaf(choice, `${name}: what it is, ${hexOf(tag)}`)] : []),
        ...bodySpans(body, tag, name),
      ];
    }),
  ];
}

function bodySpans(body: Element, tag: number, name: string): readonly Span[] {
  const names = BODIES[tag];
  if (!names || body.kind !== 'list') return spansOf(body, name);
  return [
    head(body, `${name}: ${body.items.length} elements`),
    ...body.items.flatMap((item, index): readonly Span[] => {
      const what = names[index] ?? '';
      if (what === 'device' && item.kind === 'octets') return [leaf(item, `device ${deviceNumber(item.bytes)}`)];
      if (what !== 'entries' || item.kind !== 'list') return spansOf(item, what);
      return [head(item, `${item.items.length} entries`), ...item.items.flatMap(entrySpans)];
    }),
  ];
}

function entrySpans(entry: Element): readonly Span[] {
  const [name, ...rest] = itemsOf(entry);
  if (name?.kind !== 'octets' || name.bytes.length !== 6) return spansOf(entry, 'entry');
  const code = codeOf(name.bytes).replace(/\*255$/, '');
  const names = rest.length === 4 ? PERIOD_ENTRY : ENTRY;
  return [
    head(entry, `entry ${code}`),
    leaf(name, `name: ${code}`),
    ...rest.flatMap((item, index): readonly Span[] => {
      const what = names[index + 1] ?? '';
      const text = item.kind === 'integer' ? integerText(what, item.value) : undefined;
      return text === undefined ? spansOf(item, `${code} ${what}`) : [leaf(item, `${code} ${what}: ${text}`)];
    }),
  ];
}

function integerText(what: string, value: bigint): string | undefined {
  if (what === 'unit') return unitOf(Number(value)).text || 'none';
  if (what === 'scale') return `times 10 to the power of ${value}`;
  return what === 'status' ? statusOf(value).words.join(', ') : undefined;
}

/** Every value with its place. */
function spansOf(element: Element, what: string): readonly Span[] {
  if (element.kind !== 'list') return [leaf(element, `${what}${valueText(element)}`)];
  return [
    head(element, `${what}: list of ${element.items.length}`),
    ...element.items.flatMap((item) => spansOf(item, what)),
  ];
}

function valueText(element: Element): string {
  switch (element.kind) {
    case 'octets':
      return `: ${isPrintable(element.bytes) ? `“${toLatin1(element.bytes)}”` : inPairs(toHex(element.bytes))}`;
    case 'integer':
      return `: ${element.value}`;
    case 'boolean':
      return `: ${element.value ? 'yes' : 'no'}`;
    case 'absent':
      return ': left out';
    default:
      return '';
  }
}

const leaf = ({ start, end }: Element, text: string): Span => ({ start, end, text });

/** What stands before the first element of a list. */
function head(list: Element, text: string): Span {
  const [first] = itemsOf(list);
  return { start: list.start, end: first?.start ?? list.end, text };
}

/** What no span covers is said, too. */
function withoutGaps(spans: readonly Span[], length: number): readonly Span[] {
  const all: Span[] = [];
  let at = 0;
  for (const span of [...spans, { start: length, end: length, text: '' }]) {
    if (span.start > at) all.push({ start: at, end: span.start, text: 'filled up, or not understood' });
    if (span.end > span.start && span.start >= at) all.push(span);
    at = Math.max(at, span.end);
  }
  return all;
}
