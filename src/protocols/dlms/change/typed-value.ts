import { fromHex, fromLatin1 } from '../../../common/bytes.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { integerOf, type Data } from '../axdr/data.ts';
import { dataIn } from '../axdr/read-data.ts';

/**
 * What a person has written, in the type that the meter keeps the value in. Numbers are as the meter has them, without
 * scale; octets are hexadecimal, or text in quotes; arrays and structures are hexadecimal with their tags, `0x…`. Throws
 * code 1 for what does not fit the type.
 */
export function typedValue(text: string, as: Data): Data {
  const wanted = text.trim();
  if (/^0x/i.test(wanted)) return tagged(wanted, as);
  switch (as.type) {
    case 'boolean':
      if (/^(?:1|yes|on|true)$/i.test(wanted)) return { type: 'boolean', value: true };
      if (/^(?:0|no|off|false)$/i.test(wanted)) return { type: 'boolean', value: false };
      throw unfit(wanted, 'yes or no');
    case 'visible-string':
    case 'utf8-string':
      return {
        type: as.type,
        bytes: as.type === 'utf8-string' ? new TextEncoder().encode(wanted) : latin1(wanted),
      };
    case 'octet-string':
      return { type: as.type, bytes: octets(wanted, as.bytes.length) };
    case 'date-time':
    case 'date':
    case 'time': {
      const bytes = octets(wanted, as.bytes.length);
      // It has no length of its own: what is longer or shorter is read as something else.
      if (bytes.length !== as.bytes.length) throw unfit(wanted, `${as.bytes.length} bytes`);
      return { type: as.type, bytes };
    }
    case 'bit-string':
      return bits(wanted);
    case 'int64':
    case 'uint64':
      return { type: as.type, value: within(whole(wanted), as.type === 'int64', 8) };
    case 'float32':
    case 'float64': {
      const value = Number(wanted.replace(',', '.'));
      if (wanted === '' || !Number.isFinite(value)) throw unfit(wanted, 'a number');
      return { type: as.type, value };
    }
    default: {
      const integer = integerOf(as.type);
      if (!integer) throw unfit(wanted, `hexadecimal with tags, 0x…, for a value of the type ${as.type}`);
      const { type, bytes, signed } = integer;
      return { type, value: Number(within(whole(wanted), signed, bytes)) };
    }
  }
}

/** Whatever it is, it has the type that is there. */
function tagged(text: string, as: Data): Data {
  const bytes = fromHex(text.slice(2));
  if (!bytes || bytes.length === 0) throw unfit(text, 'hexadecimal digits behind 0x');
  const { data, length } = dataIn(bytes);
  if (length !== bytes.length) throw unfit(text, 'one value');
  if (data.type !== as.type) throw unfit(text, `a value of the type ${as.type}, as the meter has it`);
  return data;
}

function whole(text: string): bigint {
  if (!/^[+-]?\d{1,20}$/.test(text)) throw unfit(text, 'a whole number, as the meter has it without its scale');
  return BigInt(text);
}

function within(value: bigint, signed: boolean, bytes: number): bigint {
  const size = 1n << BigInt(8 * bytes);
  const [least, most] = signed ? [-size / 2n, size / 2n - 1n] : [0n, size - 1n];
  if (value < least || value > most) throw unfit(String(value), `from ${least} to ${most}`);
  return value;
}

function octets(text: string, length: number): Uint8Array {
  const quoted = /^"(.*)"$/s.exec(text)?.[1];
  const bytes = quoted === undefined ? fromHex(text) : latin1(quoted);
  // As many characters as the meter has bytes: text, most probably, and as digits it would be another value.
  if (quoted === undefined && bytes && text.length === length)
    throw unfit(text, `"${text}" in quotes is text, 0x… with its tag is hexadecimal`);
  if (!bytes || text === '') throw unfit(text, `hexadecimal digits, or text in quotes; the meter has ${length} bytes`);
  return bytes;
}

function latin1(text: string): Uint8Array {
  if (/[^\0-\xff]/.test(text)) throw unfit(text, 'a letter of it has no byte of its own');
  return fromLatin1(text);
}

function bits(text: string): Data {
  if (!/^[01]{1,512}$/.test(text)) throw unfit(text, 'bits, 0 and 1');
  const bytes = Uint8Array.from(text.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
  return { type: 'bit-string', length: text.length, bytes };
}

const unfit = (text: string, wanted: string) =>
  new MeterError(1, `“${text.slice(0, 40)}” cannot be written there: ${wanted}.`, {
    hint: 'The value is kept in the type that the meter has it in.',
  });
