import { MeterError } from '../../../common/meter-error.ts';
import { describeObis } from '../../../common/obis.ts';
import type { Reading } from '../../../common/reading.ts';
import type { KeysFor } from '../../protocol.ts';
import { nameText } from '../apdu/attribute.ts';
import { NOTIFICATION, readNotification } from '../apdu/notification.ts';
import type { Data } from '../axdr/data.ts';
import { timeOf } from '../cosem/date-time.ts';
import { unitOf } from '../../../common/unit-codes.ts';
import { scalerUnitOf, valueOf } from '../cosem/value.ts';
import { openPush } from './opened.ts';

/** The readings of a pushed message, as received. Never throws for what it holds. */
export async function decodePush(message: Uint8Array, keys?: KeysFor): Promise<readonly Reading[]> {
  const source = { start: 0, end: message.length };
  const opened = await openPush(message, keys);
  const words = (quantity: string, text: string): Reading => ({
    label: quantity.toLowerCase(),
    quantity,
    value: { type: 'text', text },
    unit: '',
    kind: 'instantaneous',
    state: 'whole',
    source,
  });
  if ('closed' in opened)
    return [
      {
        ...words('Message', ''),
        value: { type: 'bytes', bytes: message },
        state: 'not available',
        note: opened.closed,
      },
    ];
  const { plain, security, isAuthenticated } = opened;
  const note = isAuthenticated ? {} : { note: 'not authenticated' };
  const readings = bodyOf(plain).map((reading) => ({ ...reading, source, ...note }));
  return [...readings, words('Security', security)];
}

const CLOCK = '0-0:1.0.0';

type Bare = Omit<Reading, 'source'>;

function bodyOf(plain: Uint8Array): readonly Bare[] {
  if (plain[0] !== NOTIFICATION) return [rest(plain, 'the message is none that OpenHHU reads')];
  try {
    const { time, body } = readNotification(plain);
    const stamp = timeOf(time);
    const sent: readonly Bare[] =
      stamp && stamp.iso !== '' ? [timed('time', 'Sent', { type: 'octet-string', bytes: time })] : [];
    return [...sent, ...elements(body)];
  } catch (error) {
    if (error instanceof MeterError) return [rest(plain, error.message)];
    throw error;
  }
}

const rest = (bytes: Uint8Array, note: string): Bare => ({
  label: 'message',
  quantity: 'Message',
  value: { type: 'bytes', bytes },
  unit: '',
  kind: 'instantaneous',
  state: 'whole',
  note,
});

const timed = (label: string, quantity: string, data: Data): Bare => ({
  label,
  quantity,
  ...valueOf(data, 'time'),
  unit: '',
  kind: 'instantaneous',
});

/** What follows a name is its value, and a scaler with unit behind that belongs to it; what has no name is counted. */
function elements(body: Data): readonly Bare[] {
  const flat = flattened(body);
  const readings: Bare[] = [];
  for (let at = 0; at < flat.length; at++) {
    const one = flat[at];
    if (!one) break;
    const name = nameIn(one);
    const value = flat[at + 1];
    if (name && value && !nameIn(value) && !isScaler(value)) {
      const scaled = flat[at + 2];
      const scaler = scaled && isScaler(scaled) ? scaled : undefined;
      readings.push(named(name, value, scaler));
      at += scaler ? 2 : 1;
    } else if (!isScaler(one))
      readings.push({ ...bare(one), label: `element ${at + 1}`, quantity: `Element ${at + 1}` });
  }
  return readings;
}

const isScaler = (data: Data) => scalerUnitOf(data) !== undefined;

/** All values in order; a scaler with its unit stays one. */
function flattened(data: Data): readonly Data[] {
  if (isScaler(data)) return [data];
  return 'items' in data ? data.items.flatMap(flattened) : [data];
}

/** Names of objects end with 255 in what meters push. */
function nameIn(data: Data): Uint8Array | undefined {
  if (data.type !== 'octet-string' || data.bytes.length !== 6) return undefined;
  const [a = 0, b = 0] = data.bytes;
  return data.bytes[5] === 0xff && a <= 15 && b <= 64 ? data.bytes : undefined;
}

function named(name: Uint8Array, value: Data, scaler: Data | undefined): Bare {
  const text = nameText(name).replace(/\*255$/, '');
  const { quantity } = describeObis(text);
  const known = scaler && scalerUnitOf(scaler);
  const expected = text === CLOCK ? 'time' : 'any';
  return {
    obis: text,
    label: text,
    quantity,
    ...valueOf(value, expected, known?.scaler ?? 0),
    unit: known ? unitOf(known.unit).text : '',
    kind: 'instantaneous',
  };
}

/** Twelve bytes that say a date are one, where nothing says what they are. */
function bare(data: Data): Omit<Bare, 'label' | 'quantity'> {
  const isStamp = data.type === 'octet-string' && data.bytes.length === 12 && timeOf(data.bytes)?.iso !== undefined;
  return { ...valueOf(data, isStamp ? 'time' : 'any'), unit: '', kind: 'instantaneous' };
}
