import { fromHex } from '../../common/bytes.ts';
import type { Explainer, FrameWords } from '../protocol.ts';
import { CONTROL_INFORMATION } from './control-information.ts';
import { explainMbus } from './explain.ts';
import { MEDIUM_NAMES } from './medium.ts';
import { fixedStatusText, STATUS_TEXTS } from './status.ts';
import { parseTelegrams } from './telegram.ts';
import type { Telegram } from './telegram.ts';

export const mbusExplainer: Explainer = {
  describe,
  explain: explainMbus,
  starts: (bytes) => parseTelegrams(bytes).map(({ start }) => start),
};

function describe({ data, facts }: Parameters<Explainer['describe']>[0]): FrameWords {
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
