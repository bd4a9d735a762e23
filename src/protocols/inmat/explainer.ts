import { concatBytes } from '../../common/bytes.ts';
import type { Explainer, Span } from '../protocol.ts';
import { keptResults, type KeptResult } from './record-data.ts';

const bytesIn = (data: string) =>
  keptResults(data).results.flatMap((one) => (one.bytes ? [{ ...one, bytes: one.bytes }] : []));

/** What the results of a record are. */
export const inmatExplainer: Explainer = {
  describe({ data, facts }) {
    const { station, results } = keptResults(data);
    const refused = results.filter(({ bytes }) => !bytes).length;
    const rows: readonly (readonly [string, string])[] = [
      ...facts,
      ['Station', station],
      ['Results', String(results.length)],
      ['Refused', refused > 0 ? String(refused) : ''],
    ];
    return {
      kind: 'INMAT readout',
      meter: station === '' ? '' : `station ${station}`,
      facts: rows.filter(([, value]) => value !== ''),
      limit: '',
    };
  },
  bytes(data) {
    const kept = bytesIn(data);
    return kept.length === 0 ? undefined : concatBytes(...kept.map(({ bytes }) => bytes));
  },
  explain(bytes, stored) {
    const spans = stored ? bytesIn(stored.data).flatMap(spanOf) : [];
    return spans.length > 0 ? spans : [{ start: 0, end: bytes.length, text: 'values of an INMAT' }];
  },
};

const TYPES = { I: 'INT', L: 'LONG', F: 'FLOAT', S: 'STRING' } as const;

function spanOf({ text, command, bytes, start }: KeptResult & { readonly bytes: Uint8Array }): readonly Span[] {
  if (bytes.length === 0) return [];
  const type = command && 'type' in command ? `, ${TYPES[command.type]}` : '';
  return [{ start, end: start + bytes.length, text: `answer to ${text}${type}` }];
}
