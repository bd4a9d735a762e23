import { describe, expect, test } from 'vitest';
import type { MbusAddress } from '../../../../src/protocols/mbus/address.ts';
import { parseMbusAddress } from '../../../../src/protocols/mbus/address.ts';
import { preview, type PlannedFrame } from '../../../../src/protocols/mbus/change-plan.ts';
import { type ChangedFrame } from '../../../../src/protocols/mbus/configure.ts';
import type { FoundMeter } from '../../../../src/protocols/mbus/search.ts';
import {
  isClear,
  isMaskFault,
  nameOfFound,
  outcomeWords,
  parseMask,
  sharesPrimary,
} from '../../../../src/views/tools/find/found-words.ts';
import {
  changeWarnings,
  meterWords,
  resultHeadline,
  spacedHex,
} from '../../../../src/views/tools/mbus-change/change-words.ts';

const meter: FoundMeter = {
  primaryAddress: 3,
  secondaryAddress: '55500047',
  manufacturer: 'HYD',
  medium: 7,
  baudRate: 2400,
  frame: '',
  address: '*55500047',
};

describe('a mask', () => {
  test.each([
    ['', undefined],
    [' 4fffffff ', { identification: '4FFFFFFF' }],
    ['*0157FFFF/LUG.*.07', { identification: '0157FFFF', manufacturer: 'LUG', medium: 7 }],
  ])('%j', (text, mask) => {
    expect(parseMask(text)).toEqual(mask);
  });

  test.each(['4', '0157FFFF@300', '*0157FFFG', '/254'])('%j is told what is wrong', (text) => {
    expect(isMaskFault(parseMask(text))).toBe(true);
  });
});

test('a meter that was found has a name to begin with, whatever it says of itself', () => {
  expect(nameOfFound(meter)).toBe('Water 55500047 HYD');
  const { medium: _, ...mute } = { ...meter, secondaryAddress: '', manufacturer: '' };
  expect(nameOfFound(mute)).toBe('Meter at 3');
});

test('the outcome in words', () => {
  const result = { problems: [], questions: 1, wireMs: 1, meters: [meter] };
  expect(outcomeWords({ ...result, outcome: 'complete' })).toBe('1 meter found.');
  expect(outcomeWords({ ...result, meters: [], outcome: 'complete' })).toBe('No meter answered.');
  expect(outcomeWords({ ...result, meters: [], outcome: 'stopped' })).toBe('Stopped; no meter found so far.');
});

test('a search that leaves something in doubt does not say that all is well', () => {
  const problem = { address: '*40404040', code: 131094, message: 'Two or more meters', hint: '' };
  const result = { outcome: 'complete', problems: [problem], questions: 1, wireMs: 1 } as const;
  expect(outcomeWords({ ...result, meters: [meter] })).toBe('1 meter found; there may be more.');
  expect(outcomeWords({ ...result, meters: [] })).toBe('Something answered, and no meter could be listed.');
  expect(isClear({ ...result, meters: [meter] })).toBe(false);
  expect(isClear({ ...result, problems: [], meters: [meter] })).toBe(true);
});

test('meters at one primary address are told', () => {
  const other = { ...meter, secondaryAddress: '55500048', address: '*55500048' };
  expect(sharesPrimary(meter, [meter, other])).toBe(true);
  expect(sharesPrimary(meter, [meter, { ...other, primaryAddress: 4 }])).toBe(false);
});

describe('a change', () => {
  const change = { kind: 'primary address', newAddress: 7 } as const;
  const one: MbusAddress = parseMbusAddress('*55500047');

  test('that several meters would obey is warned of', () => {
    const plain = changeWarnings(one, change).length;
    expect(changeWarnings(parseMbusAddress('*5550004F'), change)).toHaveLength(plain + 1);
    expect(changeWarnings(parseMbusAddress('/254'), change)).toHaveLength(plain + 1);
  });

  test('that went wrong is told by how far it came', () => {
    const until = (purpose: PlannedFrame['purpose'], answer: ChangedFrame['answer']): ChangedFrame[] => {
      const frames = preview(one, change);
      const at = frames.findIndex((frame) => frame.purpose === purpose);
      return frames
        .slice(0, at + 1)
        .map((planned, index) => ({ ...planned, answer: index === at ? answer : 'acknowledge', answerHex: '' }));
    };
    const failed = { errorCode: 131078, message: '', hint: '' };
    const headline = (...step: Parameters<typeof until>) =>
      resultHeadline(change, { ...failed, frames: until(...step) });
    expect(headline('empty', 'acknowledge')).toBe('Nothing was changed.');
    expect(headline('proof', 'collision')).toBe('Nothing was changed.');
    expect(headline('command', 'silence')).toBe('The meter did not confirm the change.');
    expect(headline('check', 'silence')).toBe('The meter took the change, and the check failed.');
  });

  test('names the meter that it would meet', () => {
    const heat = { identification: '20110045', manufacturer: 'BMT', version: 1, medium: 4 };
    expect(meterWords(heat)).toMatch(/^BMT 20110045, heat.*, version 1$/);
    expect(meterWords({})).toBe('a meter without a number');
  });
});

test('bytes are read in pairs', () => {
  expect(spacedHex('1040FD3D16')).toBe('10 40 FD 3D 16');
});
