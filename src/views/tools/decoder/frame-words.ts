import { fromHex } from '../../../common/bytes.ts';
import { CONTROL_INFORMATION } from '../../../protocols/mbus/control-information.ts';
import { MEDIUM_NAMES } from '../../../protocols/mbus/medium.ts';
import { fixedStatusText, STATUS_TEXTS } from '../../../protocols/mbus/status.ts';
import { parseTelegrams } from '../../../protocols/mbus/telegram.ts';
import type { Telegram } from '../../../protocols/mbus/telegram.ts';
import type { Recognized } from '../../../protocols/recognized.ts';
import { radioHeader } from '../../../protocols/recognize-bytes.ts';

/** What a card and a row of the list say of a frame. */
export interface FrameWords {
  /** "M-Bus answer", "IEC 62056-21 readout". */
  readonly kind: string;
  /** Which meter, as far as the frame says: "OHU 87654321 · Heat (outlet)". */
  readonly meter: string;
  readonly facts: readonly (readonly [string, string])[];
  /** What this version cannot do with it; empty where it can. */
  readonly limit: string;
}

export function describeFrame(item: Recognized): FrameWords {
  switch (item.protocol) {
    case 'MBUS':
      return describeMbus(item);
    case 'IEC62056-21': {
      const manufacturer = item.facts.find(([name]) => name === 'Manufacturer')?.[1] ?? '';
      const meter = [manufacturer, item.identification].filter((word) => word !== '').join(' ');
      return { kind: 'IEC 62056-21 readout', meter, facts: item.facts, limit: '' };
    }
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
    default:
      return {
        kind: `${item.protocol} record`,
        meter: item.identification,
        facts: item.facts,
        limit: `This version has no decoder for ${item.protocol}.`,
      };
  }
}

function describeMbus({ data, facts }: Recognized): FrameWords {
  const telegrams = parseTelegrams(fromHex(data) ?? new Uint8Array(0));
  const long = telegrams.filter(({ kind }) => kind === 'long');
  const [first = telegrams[0]] = long;
  const header = first?.header;
  const medium = header?.medium === undefined ? '' : (MEDIUM_NAMES[header.medium] ?? '');
  const name = [header?.manufacturer ?? '', header?.identification ?? ''].filter((word) => word !== '').join(' ');
  const rows: readonly (readonly [string, string])[] = [
    ...facts,
    ['Manufacturer', header?.manufacturer ?? ''],
    ['Number', header?.identification ?? ''],
    ['Medium', medium],
    ['Version', header?.version === undefined ? '' : String(header.version)],
    ['Address', first?.address === undefined ? '' : addressText(first.address)],
    ['Status', header === undefined ? '' : statusText(header.status, first?.controlInformation)],
    ['Access number', header === undefined ? '' : String(header.accessNumber)],
    ['Telegrams', long.length > 1 ? String(long.length) : ''],
  ];
  return {
    kind: `M-Bus ${kindOf(first, long.length)}`,
    meter: [name, medium].filter((word) => word !== '').join(' · '),
    facts: rows.filter(([, value]) => value !== ''),
    limit: '',
  };
}

/** C field: bit 6 tells who asks from who answers. */
const FROM_MASTER = 0x40;

function kindOf(telegram: Telegram | undefined, count: number): string {
  switch (telegram?.kind) {
    case 'long': {
      const layout = CONTROL_INFORMATION[telegram.controlInformation ?? 0]?.layout;
      if (layout === 'application error') return 'application error';
      if (layout === 'alarm') return 'alarm';
      if (layout === 'selection') return 'selection';
      if (((telegram.control ?? 0) & FROM_MASTER) !== 0) return 'command';
      return count > 1 ? `answer in ${count} telegrams` : 'answer';
    }
    case 'short':
      return ((telegram.control ?? 0) & FROM_MASTER) === 0 ? 'short frame' : 'request';
    case 'acknowledge':
      return 'acknowledgment';
    default:
      return 'bytes';
  }
}

function addressText(address: number): string {
  switch (address) {
    case 253:
      return '253, the selected meter';
    case 254:
      return '254, every meter answers';
    case 255:
      return '255, every meter';
    default:
      return String(address);
  }
}

function statusText(status: number, controlInformation = 0): string {
  const isFixed = CONTROL_INFORMATION[controlInformation]?.layout === 'fixed';
  return isFixed ? fixedStatusText(status) : (STATUS_TEXTS[status] ?? '');
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
