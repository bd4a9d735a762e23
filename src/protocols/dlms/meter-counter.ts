import { MeterError } from '../../common/meter-error.ts';
import { PUBLIC } from './access.ts';
import { dataIn } from './axdr/read-data.ts';
import { associate, isRefusal, type Association } from './client.ts';
import type { HdlcLink } from './hdlc/link.ts';
import type { InvocationCounter } from './security/counter.ts';

const DATA = 1;
const VALUE = 2;
/** Where the Indian companion standard has the counter of a client. */
const INDIAN: Readonly<Record<number, number>> = { 32: 2, 48: 3 };

/** Where a meter may have the counter of a client, the likeliest first: that of all for the last byte 0. */
function namesFor(client: number): readonly Uint8Array[] {
  const own = [client, INDIAN[client] ?? client];
  // 1 is that of what is said to all at once, in many meters.
  const last = client === 1 ? [0, ...own] : [...own, 0];
  return [...new Set(last)].map((at) => Uint8Array.of(0, 0, 43, 1, at, 255));
}

/** Tells the counter what the meter took last: a number below it is refused, and by some in silence. */
export async function learnCounter(
  counter: InvocationCounter,
  link: HdlcLink,
  client: number,
  notes: string[],
): Promise<void> {
  const number = await meterCounter(link, client);
  if (number === undefined) notes.push(`The meter does not tell its message counter to the public client (${PUBLIC}).`);
  else await counter.seen(number);
}

/**
 * The number of the last message that the meter took from this client, as the public one may read it. Undefined where it
 * does not let that, or has no such object. Rejects for what ends the whole read only.
 */
async function meterCounter(link: HdlcLink, client: number): Promise<number | undefined> {
  try {
    await link.connect();
    // The end of the connection ends the association, too.
    return await counterIn(await associate(link.exchange, { mechanism: 0 }), client);
  } catch (error) {
    if (error instanceof MeterError) return undefined;
    throw error;
  } finally {
    await link.disconnect();
  }
}

/** Below zero, or with a fraction, it would be quite another number in a message. */
const isCounter = (value: unknown): value is number => Number.isInteger(value) && value === Number(value) >>> 0;

async function counterIn(association: Association, client: number): Promise<number | undefined> {
  for (const name of namesFor(client)) {
    try {
      const result = await association.get({ attribute: { classId: DATA, name, number: VALUE } });
      const value = result.kind === 'data' ? dataIn(result.bytes).data : undefined;
      if (value && 'value' in value && isCounter(value.value)) return value.value;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return undefined;
}
