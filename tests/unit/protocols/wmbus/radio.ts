import { Buffer } from 'node:buffer';
import { createCipheriv } from 'node:crypto';
import { cmac } from '@noble/ciphers/aes.js';
import { concatBytes } from '../../../../src/common/bytes.ts';
import { encodeManufacturer } from '../../../../src/protocols/mbus/manufacturer.ts';
import { radioCrc } from '../../../../src/protocols/wmbus/crc.ts';
import { bytesOf } from '../mbus/samples.ts';

/** Telegrams of invented meters, put together from the standard by other means than what is tested: AES is that of Node. */

export const KEY = bytesOf('000102030405060708090A0B0C0D0E0F');
export const OTHER_KEY = bytesOf('0F0E0D0C0B0A09080706050403020100');

export interface Sender {
  readonly control?: number;
  readonly maker?: string;
  readonly number?: string;
  readonly version?: number;
  readonly medium?: number;
}

const word = (value: number) => [value & 0xff, (value >> 8) & 0xff];
const reversed = (hex: string) => bytesOf(hex).toReversed();

/** Link layer from the C field on, and what follows. */
export function bodyOf(rest: string | Uint8Array, sender: Sender = {}): Uint8Array {
  const { control = 0x44, maker = 'OHU', number = '12345678', version = 3, medium = 7 } = sender;
  const link = [control, ...word(encodeManufacturer(maker) ?? 0), ...reversed(number), version, medium];
  return Uint8Array.from([...link, ...(typeof rest === 'string' ? bytesOf(rest) : rest)]);
}

export const withLength = (body: Uint8Array): Uint8Array => Uint8Array.of(body.length, ...body);

const checked = (block: Uint8Array) => {
  const crc = radioCrc(block, 0, block.length);
  return [...block, crc >> 8, crc & 0xff];
};

export function formatA(body: Uint8Array): Uint8Array {
  const frame = withLength(body);
  const blocks = [frame.subarray(0, 10)];
  for (let at = 10; at < frame.length; at += 16) blocks.push(frame.subarray(at, at + 16));
  return Uint8Array.from(blocks.flatMap(checked));
}

export function formatB(body: Uint8Array): Uint8Array {
  const isLong = body.length + 3 > 128;
  const frame = Uint8Array.of(body.length + (isLong ? 4 : 2), ...body);
  if (!isLong) return Uint8Array.from(checked(frame));
  return Uint8Array.from([...checked(frame.subarray(0, 126)), ...checked(frame.subarray(126))]);
}

const cbc = (key: Uint8Array, iv: Uint8Array, plain: Uint8Array) => {
  const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
  return Uint8Array.from(Buffer.concat([cipher.update(plain), cipher.final()]));
};

/** As records, filled up to whole blocks. */
export function filled(records: string): Uint8Array {
  const plain = bytesOf(`2F2F${records}`);
  return concatBytes(plain, new Uint8Array((16 - (plain.length % 16)) % 16).fill(0x2f));
}

/** CI 7A in mode 5; `tail` stays plain. */
export function mode5(records: string, { key = KEY, access = 0x2a, tail = '', sender = {} } = {}): Uint8Array {
  const address = bodyOf('', sender).subarray(1, 9);
  const plain = filled(records);
  const iv = concatBytes(address, new Uint8Array(8).fill(access));
  const head = [0x7a, access, 0x00, (plain.length / 16) << 4, 0x05];
  return bodyOf(Uint8Array.from([...head, ...cbc(key, iv, plain), ...bytesOf(tail)]), sender);
}

const derived = (key: Uint8Array, purpose: number, counter: Uint8Array, number: Uint8Array) =>
  cmac(Uint8Array.from([purpose, ...counter, ...number, ...new Uint8Array(7).fill(7)]), key);

/** 8C, 90 with a MAC of eight bytes, 7A in mode 7. */
export function mode7(records: string, { key = KEY, counter = 'B30A0000', tail = '', sender = {} } = {}) {
  const plain = filled(records);
  const number = bodyOf('', sender).subarray(3, 7);
  const mcr = bytesOf(counter);
  const sealed = cbc(derived(key, 0, mcr, number), new Uint8Array(16), plain);
  const header = [0x7a, 0x2a, 0x00, (plain.length / 16) << 4, 0x07, 0x10];
  const message = Uint8Array.from([...header, ...sealed, ...bytesOf(tail)]);
  const mac = cmac(Uint8Array.from([0x25, ...mcr, ...message]), derived(key, 1, mcr, number)).subarray(0, 8);
  return bodyOf(Uint8Array.from([0x8c, 0x20, 0x2a, 0x90, 0x0f, 0x00, 0x2c, 0x25, ...mcr, ...mac, ...message]), sender);
}

/** 8C, 7A in mode 10 with a tag of eight bytes. */
export function mode10(records: string, { key = KEY, counter = '8C570E00', version = '', sender = {} } = {}) {
  const address = bodyOf('', sender).subarray(1, 9);
  const ctr = bytesOf(counter);
  const extension = bytesOf(version === '' ? '1001' : `5001${version}`);
  const additional = Uint8Array.from([0x7a, 0x2a, 0x00, 0xff, 0x0a, ...extension]);
  const nonce = Uint8Array.from([...address, 0, ...ctr.toReversed()]);
  const cipher = createCipheriv('aes-128-ccm', derived(key, 0, ctr, address.slice(2, 6)), nonce, { authTagLength: 8 });
  const plain = bytesOf(records);
  cipher.setAAD(additional, { plaintextLength: plain.length });
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return bodyOf(Uint8Array.from([0x8c, 0x20, 0x2a, ...additional, ...ctr, ...sealed]), sender);
}

/** 8D, encrypted from the check sum on; `inner` begins with its CI field. */
export function session(inner: string, { key = KEY, isEncrypted = true, sender = {}, other = '' } = {}) {
  const number = isEncrypted ? bytesOf('209CD621') : bytesOf('209CD601');
  const content = bytesOf(inner);
  const crc = radioCrc(content, 0, content.length);
  const plain = Uint8Array.from([...word(crc), ...content]);
  const address = other === '' ? bodyOf('', sender).subarray(1, 9) : bytesOf(other);
  const block = Uint8Array.from([...address, 0x30 & 0xed, ...number, 0, 0, 0]);
  const cipher = createCipheriv('aes-128-ctr', key, block);
  const sealed = isEncrypted ? Buffer.concat([cipher.update(plain), cipher.final()]) : plain;
  const link = other === '' ? [0x8d, 0x30, 0x50] : [0x8f, 0x30, 0x50, ...address];
  return bodyOf(Uint8Array.from([...link, ...number, ...sealed]), sender);
}
