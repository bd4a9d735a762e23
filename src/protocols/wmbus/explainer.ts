import { fromHex } from '../../common/bytes.ts';
import type { Explainer } from '../protocol.ts';
import { radioHeader } from './header.ts';

export const wmbusExplainer: Explainer = {
  describe({ data, facts }) {
    const bytes = fromHex(data) ?? new Uint8Array(0);
    // The SmartCOM's WMBUS records leave the L field out.
    const header = radioHeader(bytes) ?? radioHeader(Uint8Array.of(bytes.length & 0xff, ...bytes));
    const rows: readonly (readonly [string, string])[] = header
      ? [
          ...facts,
          ['Manufacturer', header.manufacturer],
          ['Number', header.identification],
          ['Medium', header.medium],
          ['Version', String(header.version)],
        ]
      : facts;
    return {
      kind: 'Wireless M-Bus telegram',
      meter: header ? `${header.manufacturer} ${header.identification} · ${header.medium}` : '',
      facts: rows,
      limit: 'It looks like a radio telegram. This version reads its sender only; the values in it are not decoded.',
    };
  },
};
