import { concatBytes } from '../../common/bytes.ts';
import type { Explainer, Span } from '../protocol.ts';
import { attributeName, className } from './cosem/classes.ts';
import { explainPush } from './push/explain.ts';
import { attributeText, keptValues, pushedIn } from './record-data.ts';

/** What the values of a record are. */
export const dlmsExplainer: Explainer = {
  describe({ data, facts }) {
    if (pushedIn(data)) return { kind: 'DLMS push', meter: '', facts, limit: '' };
    const values = keptValues(data);
    if (data !== '' && values.length === 0) return { kind: 'IEC 62056-21 readout', meter: '', facts, limit: '' };
    const refused = values.filter(({ bytes }) => !bytes).length;
    const rows: readonly (readonly [string, string])[] = [
      ...facts,
      ['Values', String(values.length)],
      ['Refused', refused > 0 ? String(refused) : ''],
    ];
    return { kind: 'DLMS readout', meter: '', facts: rows.filter(([, value]) => value !== ''), limit: '' };
  },
  bytes(data) {
    const pushed = pushedIn(data);
    if (pushed) return pushed;
    const bytes = keptValues(data).flatMap((kept) => (kept.bytes ? [kept.bytes] : []));
    return bytes.length === 0 ? undefined : concatBytes(...bytes);
  },
  explain(bytes, stored) {
    if (pushedIn(stored?.data ?? '')) return explainPush(bytes);
    const spans = keptValues(stored?.data ?? '').flatMap(({ attribute, bytes: own, start }): Span[] => {
      if (!own || own.length === 0) return [];
      const { classId, number } = attribute;
      const text = `${attributeText(attribute)}: ${className(classId)}, ${attributeName(classId, number)}`;
      return [{ start, end: start + own.length, text }];
    });
    return spans.length > 0 ? spans : [{ start: 0, end: bytes.length, text: 'values of a DLMS meter' }];
  },
};
