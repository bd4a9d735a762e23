import { describe, expect, test } from 'vitest';
import { settingsOf, type Values } from '../../../../src/common/form.ts';
import { iec62056 } from '../../../../src/protocols/iec62056-21/index.ts';
import { mbus } from '../../../../src/protocols/mbus/index.ts';
import type { Protocol } from '../../../../src/protocols/protocol.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { offeredRemedies, type Tried } from '../../../../src/views/read/remedies.ts';

const tried = (protocol: Protocol, address: string, set: Values = {}): Tried => ({
  protocol,
  address,
  settings: settingsOf(protocol.settings, { set }),
});

async function offered(code: number, how: Tried) {
  const row = (await how.protocol.parts.errors()).find((each) => each.code === code);
  return offeredRemedies(row?.remedies ?? [], how);
}

const words = async (code: number, how: Tried) => (await offered(code, how)).map((each) => each.words);

describe('an optical head', () => {
  test('silence: each remedy that could change something has a button', async () => {
    expect(await words(65541, tried(iec62056, '421337'))).toEqual([
      'Without the address',
      'Try again',
      'Try waking',
      'Other rates',
      'Wait longer',
      'Head check',
    ]);
  });

  test('what is in force already is not offered', async () => {
    const patient = { timeoutMs: 6000, interCharacterMs: 6000 };
    expect(await words(65541, tried(iec62056, '@9600', { wakeUp: 'immediate', ...patient }))).toEqual([
      'Try again',
      'Other rates',
      'Head check',
    ]);
    expect(await words(65541, tried(iec62056, '', { mode: 'D' }))).not.toContain('Try waking');
    expect(await words(65541, tried(iec62056, '', { wakeUp: 'standard' }))).toContain('Wake without a pause');
  });

  test('staying at the first rate names it, unless the address says so already', async () => {
    expect(await words(65543, tried(iec62056, ''))).toContain('Stay at 300\u00a0Bd');
    expect(await words(65543, tried(iec62056, '@2400'))).toContain('Stay at 2400\u00a0Bd');
    for (const how of [tried(iec62056, '421337%R'), tried(iec62056, '', { denyHigherRate: true })]) {
      expect((await words(65543, how)).join()).not.toContain('Stay at');
    }
  });

  test('data whose check is wrong is only kept by whoever knows that the meter has its own', async () => {
    expect(await words(66053, tried(iec62056, ''))).not.toContain('Read and only warn');
    const own = { ...tried(iec62056, ''), circumstances: { ownCheck: true } };
    expect(await words(66053, own)).toContain('Read and only warn');
    const warned = { ...tried(iec62056, '', { blockCheck: 'warn' }), circumstances: { ownCheck: true } };
    expect(await words(66053, warned)).not.toContain('Read and only warn');
  });

  test('waiting longer never shortens a wait', async () => {
    const wait = (await offered(65541, tried(iec62056, '', { timeoutMs: 9000 }))).find((one) =>
      /longer/.test(one.words),
    );
    expect(wait?.changes).toEqual({ interCharacterMs: 4000 });
  });
});

test('M-Bus: silence offers what finds the meter', async () => {
  expect(await words(131078, tried(mbus, '5'))).toEqual(['Try again', 'Wait longer', 'Other rates', 'Find meters']);
  expect(await words(131078, tried(mbus, '5', { timeoutMs: 2000 }))).not.toContain('Wait longer');
});

test('asked again after each offer, none that changes something comes a second time', async () => {
  for (const protocol of protocols.all) {
    for (const { remedies } of await protocol.parts.errors()) {
      let set: Values = {};
      for (let round = 0; round < 10; round++) {
        for (const { changes } of offeredRemedies(remedies, tried(protocol, '', set))) set = { ...set, ...changes };
      }
      const left = offeredRemedies(remedies, tried(protocol, '', set));
      expect(left.filter(({ changes }) => Object.keys(changes).length > 0)).toEqual([]);
    }
  }
});
