import { describe, expect, test } from 'vitest';
import { wmbusDialogue } from '../../../../src/protocols/wmbus/ask.ts';
import { telegramOf } from '../../../../src/protocols/wmbus/hear.ts';
import { bodyOf, mode5, withLength, type Sender } from './radio.ts';

function heard(body: Uint8Array) {
  const telegram = telegramOf({ kind: 'telegram', bytes: withLength(body), dBm: -70 });
  if (typeof telegram === 'string') throw new Error(telegram);
  return telegram;
}

const RECORDS = '7A 2A 00 0000 0C13 45230100';
const by = (sender: Sender, rest = RECORDS) => heard(bodyOf(rest, sender));

describe('who says what', () => {
  test('is told with its maker, and apart from one of another maker with the same number', () => {
    expect(by({ maker: 'KAM' }).from).toEqual(['12345678', 'KAM12345678']);
    expect(by({ maker: 'KAM' }).kind).not.toBe(by({ maker: 'TCH' }).kind);
  });

  test('is the meter behind a radio module, too', () => {
    const { from } = by({}, '72 88776655 153D 04 07 2A 00 0000 0C13 45230100');
    expect(from).toEqual(['12345678', 'OHU12345678', '55667788', 'OHU55667788']);
  });

  test('is not the meter where somebody commands it', () => {
    const telegram = by({ control: 0x53 }, '5B 88776655 153D 04 07 2A 00 0000 0C13 45230100');
    expect(telegram.from).toEqual(['12345678', 'OHU12345678']);
    expect(telegram.isWithoutValues).toBe(true);
  });

  test.each([
    ['the format of compact frames', '6A 2A 00 0000 0B'],
    ['nothing but its number', '8A 2A 00 0000'],
    ['an error', '70 08'],
  ])('says no values where it sends %s', (_, rest) => expect(by({}, rest).isWithoutValues).toBe(true));

  test('says some in records and in what is enciphered', () => {
    expect(by({}).isWithoutValues).toBeUndefined();
    expect(heard(mode5('0C06 45230100')).isWithoutValues).toBeUndefined();
  });

  test('is one telegram by way of a repeater', () => {
    const ell = (control: string) => `8C ${control} 2A ${RECORDS}`;
    const [direct, relayed] = [by({}, ell('20')), by({ control: 0xc4 }, ell('30'))];
    expect(relayed.readout.data).not.toBe(direct.readout.data);
    expect([relayed.essence, relayed.kind]).toEqual([direct.essence, direct.kind]);
    expect(by({}, ell('20').replace('4523', '4623')).essence).not.toBe(direct.essence);
  });
});

test('an address may have the letters of the maker in front', () => {
  expect(wmbusDialogue.normal(' kam 12 34 56 78')).toBe('KAM12345678');
  expect(() => wmbusDialogue.normal('KAM1234567')).toThrow('no number of a radio meter');
});
