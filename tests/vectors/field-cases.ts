import { bulkDecoder } from '../../src/archive/decode.ts';
import { openPasted } from '../../src/archive/pasted.ts';
import { decimalToNumber } from '../../src/common/decimal.ts';
import type { Reading } from '../../src/common/reading.ts';
import { loadRecognition, type Recognition } from '../../src/protocols/recognize.ts';
import type { Recognized } from '../../src/protocols/recognized.ts';
import { protocols } from '../../src/protocols/registry.ts';
import { thirdParty } from './third-party.ts';

/** Small inputs of public field reports, each with its right result in words. */
type Input = Readonly<Partial<Record<'text' | 'hex' | 'hex_e' | 'hex_f' | 'small', string>>>;

const vectors = thirdParty<{ readonly cases: readonly { readonly id: string; readonly input: Input }[] }>(
  'field-cases.json',
);

/** They may not stand in the project. */
export const present = vectors !== undefined;
export const inputOf = (id: string): Input => vectors?.content.cases.find((one) => one.id === id)?.input ?? {};
export const caseIds: readonly string[] = vectors?.content.cases.map(({ id }) => id) ?? [];

export interface Shown {
  readonly item: Recognized;
  readonly readings: readonly Reading[];
}

let recognition: Promise<Recognition> | undefined;

/** What the decoder page shows of a text that somebody pastes. */
export async function paste(text = ''): Promise<readonly Shown[]> {
  const decode = bulkDecoder();
  recognition ??= loadRecognition(protocols);
  const shown: Shown[] = [];
  for (const item of openPasted(text, await recognition).found)
    shown.push({ item, readings: await decode(item.protocol, item) });
  return shown;
}

/** What stands under a label or an OBIS code: numbers as such, anything else as its type. */
export const numbers = (readings: readonly Reading[] = [], label: string): readonly (number | string)[] =>
  readings
    .filter((reading) => reading.label === label || reading.obis === label)
    .map(({ value }) => (value.type === 'number' ? decimalToNumber(value.decimal) : value.type));

export const states = ({ readings }: Shown): ReadonlySet<Reading['state']> =>
  new Set(readings.map(({ state }) => state));
