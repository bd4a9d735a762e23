import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { decimalToNumber } from '../../../../src/common/decimal.ts';
import type { Values } from '../../../../src/common/form.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { inmatDialogue } from '../../../../src/protocols/inmat/ask.ts';
import { decodeInmat } from '../../../../src/protocols/inmat/decode.ts';
import { inmatSimulated } from '../../../../src/protocols/inmat/simulated/index.ts';
import '../../engine/loaded.ts';
import { onLine } from '../on-line.ts';

async function read(faults: readonly Fault[] = [], address?: string, others: Values = {}, which = 0) {
  const meter = inmatSimulated[which];
  if (!meter) throw new Error('There is none.');
  const target = { address: address ?? meter.address ?? '', settings: { ...meter.settings, ...others } };
  return await onLine(await meter.farEnd(), ({ line }) => inmatDialogue.read(line, target, {}), {
    framing: '8E1',
    faults,
  });
}

test('gives all that its address asks for', async () => {
  const readout = await read();
  expect(readout.errorCode).toBe(0);
  expect(readout.data).not.toContain('ERR');
  const readings = decodeInmat(readout);
  const figure = (label: string) => {
    const value = readings.find((one) => one.label === label)?.value;
    return value?.type === 'number' ? decimalToNumber(value.decimal) : NaN;
  };
  expect(figure('S:F:12')).toBeGreaterThan(figure('S:F:13'));
  expect(figure('S:F:10')).toBeGreaterThan(1000);
  expect(figure('B:F:30:1:0:3:2 [0]')).toBeLessThan(figure('S:F:10'));
  expect(readings.find(({ label }) => label === 'S:S:20')?.value).toEqual({ type: 'text', text: 'Boiler house' });
});

test('refuses what it does not have: another index, type, place, too much at once', async () => {
  const readout = await read([], '5|S:F:77,S:I:10,S:S:10,E:F:30:C:0,B:F:30:0:0:C:3,M:0:1:10,M:3FF:0:2,S:I:1');
  expect(readout.errorCode).toBe(0);
  expect(readout.data.match(/ERR/g)).toHaveLength(7);
  expect(readout.data).toMatch(/S:I:1=0000$/);
});

test.each<[readonly Fault[], number]>([
  [['silent'], 4194312],
  [['wrong-bcc'], 4194564],
  [['stops-in-mid-readout'], 4194312],
  [['echo'], 0],
  [['wrong-bcc-once'], 0],
  [['garbage-before-answer'], 0],
  [['long-gap'], 4194561],
  [['slow-reaction'], 0],
])('with the fault %j a read ends with %d', async (faults, code) => {
  expect((await read(faults)).errorCode).toBe(code);
});

test('one that is slow is read where it is waited for', async () => {
  expect((await read(['slow-reaction'], '5|S:F:10', { timeoutMs: 3000 })).errorCode).toBe(0);
});

test('the one that sums with the carry is read, the record says so, and what it does not have is ERR', async () => {
  const readout = await read([], undefined, {}, 1);
  expect(readout).toMatchObject({ errorCode: 0 });
  expect(readout.data).toMatch(/^12\|I=494E4D4154203531[0-9A-F]+,S:S:01=4761732C206C696E65203100,/);
  expect(readout.data).toMatch(/,S:F:A0=ERR$/);
  expect(readout.circumstances?.notes).toContain('Check sums seen: with the carry added (AMiT DB-Net).');
  // It takes requests whose sum has no carry, whatever is set.
  const unset = await read([], '12|S:F:80,S:F:82,S:F:90', { checkSum: 'sum8' }, 1);
  expect(unset.data).toMatch(/^12\|S:F:80=[0-9A-F]{8},S:F:82=66660640,S:F:90=ERR$/);
  expect(unset.circumstances?.notes?.join()).toContain('which is not what is sent: set it in the wire profile');
});
