import { MeterError } from '../../../common/meter-error.ts';
import type { Reading } from '../../../common/reading.ts';
import type { KeysFor } from '../../protocol.ts';
import type { Attribute } from '../apdu/attribute.ts';
import type { Data } from '../axdr/data.ts';
import { dataBytes } from '../axdr/write-data.ts';
import { timeOf } from '../cosem/date-time.ts';
import { valueOf } from '../cosem/value.ts';
import { readingsOfValues } from '../decode.ts';
import type { KeptValue } from '../record-data.ts';
import { readPush, type Push } from './notification.ts';
import { openPush } from './opened.ts';

const CLOCK: Attribute = { classId: 8, name: Uint8Array.of(0, 0, 1, 0, 0, 255), number: 2 };

/**
 * The readings of a pushed message, as received. Never throws for what it holds.
 * @param isVouchedFor it came in a frame with a check
 */
export async function decodePush(
  message: Uint8Array,
  keys?: KeysFor,
  isVouchedFor = true,
): Promise<readonly Reading[]> {
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
  const readings = readingsIn(plain, source).map((reading) =>
    isAuthenticated ? reading : { ...reading, note: [reading.note, 'not authenticated'].filter(Boolean).join('; ') },
  );
  return [
    ...readings.map((reading): Reading =>
      isVouchedFor || reading.state !== 'whole' ? reading : { ...reading, state: 'unchecked' },
    ),
    words('Security', security),
  ];
}

function readingsIn(plain: Uint8Array, source: Reading['source']): readonly Reading[] {
  try {
    return plainReadings(readPush(plain), source).map((reading) => ({ ...reading, source }));
  } catch (error) {
    if (!(error instanceof MeterError)) throw error;
    const value = { type: 'bytes', bytes: plain } as const;
    const base = { label: 'message', quantity: 'Message', unit: '', kind: 'instantaneous' } as const;
    return [{ ...base, value, state: 'whole', source, note: error.message }];
  }
}

function plainReadings({ time, values }: Push, source: Reading['source']): readonly Reading[] {
  const kept = values.flatMap(({ attribute, data }) => (attribute ? [keptOf(attribute, data, source)] : []));
  const hasClock = kept.some(({ attribute: { classId } }) => classId === CLOCK.classId);
  const stamp = time && !hasClock ? [keptOf(CLOCK, { type: 'octet-string', bytes: time }, source)] : [];
  const bare = values.flatMap(({ attribute, data }, at) => (attribute ? [] : [bareReading(data, at + 1, source)]));
  return [...readingsOfValues([...stamp, ...kept]), ...bare];
}

const keptOf = (attribute: Attribute, data: Data, { start }: Reading['source']): KeptValue => ({
  attribute,
  bytes: dataBytes(data),
  reason: 0,
  isCut: false,
  start,
});

/** What has only its place: what it means depends on the maker, the operator, and the list. */
function bareReading(data: Data, place: number, source: Reading['source']): Reading {
  // Twelve bytes that say a date are one, where nothing says what they are.
  const isStamp = data.type === 'octet-string' && data.bytes.length === 12 && Boolean(timeOf(data.bytes)?.iso);
  const { value, state } = valueOf(data, isStamp ? 'time' : 'any');
  return {
    label: `element ${place}`,
    quantity: `Element ${place}`,
    value,
    unit: '',
    kind: 'instantaneous',
    state: state === 'whole' && value.type === 'number' ? 'unchecked' : state,
    source,
    ...(value.type === 'number' ? { note: 'the telegram does not say what it is, nor its scale' } : {}),
  };
}
