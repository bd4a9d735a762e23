import { fromHex } from '../../common/bytes.ts';
import { MEDIUM_NAMES } from '../mbus/medium.ts';
import type { Explainer } from '../protocol.ts';
import { explainRadio } from './explain.ts';
import { meterIdentity } from './identity.ts';
import { controlWords, LINK_END } from './link.ts';
import { openTelegram } from './open.ts';
import type { OpenedTelegram } from './opened.ts';
import { storedBody } from './stored-body.ts';

/** Without keys: what is enciphered stays so on the page. */
export const wmbusExplainer: Explainer = {
  describe({ data, facts }) {
    const body = storedBody(data);
    if (body === undefined || body.bytes.length < LINK_END)
      return { kind: 'Wireless M-Bus', meter: '', facts, limit: 'It is too short for a telegram.' };
    const opened = openTelegram(body.bytes, []);
    const meter = meterIdentity(body.bytes, opened.transport);
    const medium = MEDIUM_NAMES[meter.medium] ?? '';
    const rows: readonly (readonly [string, string])[] = [
      ...facts,
      ['Manufacturer', meter.maker],
      ['Number', meter.number],
      ['Medium', medium],
      ['Version', String(meter.version)],
      ['Purpose', controlWords(body.bytes[0] ?? 0xff) ?? ''],
      ['Encryption', encryptionWords(opened)],
    ];
    return {
      kind: 'Wireless M-Bus telegram',
      meter: `${meter.maker} ${meter.number} · ${medium}`,
      facts: rows.filter(([, value]) => value !== ''),
      limit: '',
    };
  },
  bytes: (data) => storedBody(data)?.bytes ?? fromHex(data),
  explain: explainRadio,
};

function encryptionWords({ security, cipher }: OpenedTelegram): string {
  if (security === 'plain') return 'none';
  return security === 'taken off before' ? `${cipher}, opened by whoever received it` : cipher;
}
