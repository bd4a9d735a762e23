import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/common/bytes.ts';
import { offeredMode } from '../../../../src/protocols/iec62056-21/baud.ts';
import { blockCheckCharacter } from '../../../../src/protocols/iec62056-21/block-check.ts';
import { acknowledgeMessage, breakMessage, nakMessage } from '../../../../src/protocols/iec62056-21/control.ts';

const rates = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200];

describe('baud characters', () => {
  it('mode C, and E where the meter offers HDLC', () => {
    rates.forEach((baudRate, digit) => {
      const baudCharacter = String(digit);
      expect(offeredMode({ baudCharacter, escapes: [] })).toEqual({ modes: ['C'], baudRate, reserved: false });
      expect(offeredMode({ baudCharacter, escapes: ['@', '2'] }).modes).toEqual(['C', 'E']);
    });
  });

  it('mode B', () => {
    rates.slice(1, 7).forEach((baudRate, i) => {
      const offered = offeredMode({ baudCharacter: 'ABCDEF'.charAt(i), escapes: [] });
      expect(offered).toEqual({ modes: ['B'], baudRate, reserved: false });
    });
  });

  it('reserved characters have a mode and no rate', () => {
    for (const baudCharacter of ['G', 'H', 'I']) {
      const offered = offeredMode({ baudCharacter, escapes: [] });
      expect(offered.reserved).toBe(true);
      expect(offered).not.toHaveProperty('baudRate');
    }
  });

  it('anything else is mode A', () => {
    for (const baudCharacter of [' ', 'U', 'a', '-', 'Z']) {
      expect(offeredMode({ baudCharacter, escapes: ['2'] })).toEqual({ modes: ['A'], reserved: false });
    }
  });
});

describe('short messages', () => {
  it('acknowledge/option select, NAK, break', () => {
    expect(toHex(acknowledgeMessage('5'))).toBe('063035300D0A');
    expect(toHex(acknowledgeMessage('5', '1'))).toBe('063035310D0A');
    expect(toHex(acknowledgeMessage('5', '2', '2'))).toBe('063235320D0A');
    expect(toHex(nakMessage)).toBe('15');
    expect(toHex(breakMessage)).toBe('0142300371');
    expect(blockCheckCharacter(breakMessage.subarray(1, 4))).toBe(0x71);
  });
});
