import { fromHex } from '../../../common/bytes.ts';
import type { Explainer, FrameWords } from '../../../protocols/protocol.ts';
import { protocols } from '../../../protocols/registry.ts';
import type { Recognized } from '../../../protocols/recognized.ts';
import { radioHeader } from '../../../protocols/recognize-bytes.ts';

/** `explainer`: of a protocol that is built in, once it is loaded. */
export function describeFrame(item: Recognized, explainer: Explainer | undefined): FrameWords {
  if (explainer) return explainer.describe(item);
  switch (item.protocol) {
    case 'WMBUS':
      return describeRadio(item);
    case 'HDLC':
      return {
        kind: 'HDLC frame',
        meter: '',
        facts: item.facts,
        limit: 'Probably DLMS/COSEM in an HDLC frame. This version does not decode it.',
      };
    case '':
      return { kind: 'Unknown bytes', meter: '', facts: item.facts, limit: '' };
    default: {
      const isBuiltIn = protocols.find(item.protocol) !== undefined;
      return {
        kind: `${item.protocol} record`,
        meter: item.identification,
        facts: item.facts,
        limit: isBuiltIn ? '' : `This version has no decoder for ${item.protocol}.`,
      };
    }
  }
}

function describeRadio({ data, facts }: Recognized): FrameWords {
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
}
