import { describe, expect, it } from 'vitest';
import {
  bitsPerCharacter,
  characterMs,
  formatOf,
  framingOf,
  hasOddOnes,
  portSettings,
  softwareParity,
  wireTime,
  withParity,
} from '../../../src/line/framing.ts';
import { parityObserver } from '../../../src/line/parity-recognition.ts';

describe('a framing', () => {
  it.each([
    ['7E1', '8N1', 10, 'even', '8N1'],
    ['7E1 hardware', '7E1', 10, undefined, '7E1'],
    ['7O1', '8N1', 10, 'odd', '8N1'],
    ['7N1', '7N1', 9, undefined, '7N1'],
    ['8N1', '8N1', 10, undefined, '8N1'],
    ['8E1', '8E1', 11, undefined, '8E1'],
    ['8O1', '8O1', 11, undefined, '8O1'],
    ['8N2', '8N2', 11, undefined, '8N2'],
  ] as const)('%s is %s for the chip', (framing, format, bits, bySoftware, back) => {
    const settings = portSettings(framing, 2400);
    expect(settings.baudRate).toBe(2400);
    expect(formatOf(settings)).toBe(format);
    expect(bitsPerCharacter(settings)).toBe(bits);
    expect(characterMs(settings)).toBeCloseTo((bits * 1000) / 2400, 9);
    expect(wireTime(12, 2400, framing)).toBeCloseTo(bits * 5, 9);
    expect(softwareParity(framing)).toBe(bySoftware);
    expect(framingOf(settings)).toBe(back);
  });

  it('of seven bits with odd parity is done by software, too', () => {
    expect(framingOf({ baudRate: 300, dataBits: 7, stopBits: 1, parity: 'odd' })).toBe('7O1');
    expect(formatOf({ baudRate: 300, dataBits: 7, stopBits: 1, parity: 'odd' })).toBe('7O1');
  });

  it('counts the ones of seven bits', () => {
    for (let byte = 0; byte < 256; byte++) {
      const ones = [...(byte & 0x7f).toString(2)].filter((bit) => bit === '1').length;
      expect(hasOddOnes(byte)).toBe(ones % 2 === 1);
      const [even = 0] = withParity(Uint8Array.of(byte), 'even');
      const [odd = 0] = withParity(Uint8Array.of(byte), 'odd');
      expect([even & 0x7f, odd & 0x7f]).toEqual([byte & 0x7f, byte & 0x7f]);
      expect([even >= 0x80, odd >= 0x80]).toEqual([ones % 2 === 1, ones % 2 === 0]);
    }
  });
});

describe('the parity of what is received', () => {
  /** 0x31 has three ones, 0x33 four. */
  const verdict = (bytes: readonly number[]) => {
    const observer = parityObserver();
    for (const byte of bytes) observer.observe(byte);
    return observer.verdict();
  };
  const times = (count: number, byte: number) => Array<number>(count).fill(byte);

  it('is unknown until enough of both kinds have come', () => {
    expect(verdict([...times(3, 0xb1), ...times(4, 0x33)])).toBe('unknown');
    expect(verdict([...times(4, 0xb1), ...times(4, 0x33)])).toBe('even');
    expect(verdict(times(20, 0x33))).toBe('unknown');
    expect(verdict(times(20, 0xb1))).toBe('unknown');
  });

  it('is what nine of ten say', () => {
    expect(verdict([...times(9, 0xb1), ...times(9, 0x33), ...times(2, 0x31)])).toBe('even');
    expect(verdict([...times(9, 0x31), ...times(9, 0x33), ...times(2, 0xb1)])).toBe('none');
    expect(verdict([...times(9, 0x31), ...times(9, 0xb3), ...times(2, 0xb1)])).toBe('odd');
    expect(verdict([...times(9, 0xb1), ...times(9, 0xb3), ...times(2, 0x33)])).toBe('mark');
    expect(verdict([...times(5, 0xb1), ...times(5, 0xb3), ...times(5, 0x33), ...times(5, 0x31)])).toBe('mixed');
    expect(verdict([...times(8, 0xb1), ...times(9, 0x33), ...times(3, 0x31)])).toBe('mixed');
  });
});
