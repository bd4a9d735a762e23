import { expect, test } from 'vitest';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { eightBits } from '../../../../src/simulator/device.ts';
import { decimalToNumber } from '../../../../src/common/decimal.ts';
import { decodeModbus } from '../../../../src/protocols/modbus/decode.ts';
import { modbusDialogue } from '../../../../src/protocols/modbus/ask.ts';
import { modbusBus } from '../../../../src/protocols/modbus/simulated/bus.ts';
import { cabinet, single } from '../../../../src/protocols/modbus/simulated/meters.ts';
import { modbusSimulated } from '../../../../src/protocols/modbus/simulated/index.ts';
import { onBus } from './on-bus.ts';

async function read(unit: number, model: string, faults: readonly Fault[] = []) {
  return await onBus(
    [],
    ({ line }) => modbusDialogue.read(line, { address: `${unit}@9600`, settings: { model } }, {}),
    { farEnd: modbusBus(cabinet(), eightBits(9600)), faults },
  );
}

test.each([
  [1, 'Eastron SDM630'],
  [2, 'Carlo Gavazzi EM24'],
  [3, 'ABB B21/B23/B24'],
  [4, 'Siemens PAC2200'],
  [5, 'SunSpec'],
])('unit %d reads like a %s', async (unit, model) => {
  const readout = await read(unit, model);
  expect(readout.errorCode).toBe(0);
  const readings = decodeModbus({ ...readout });
  const figure = (quantity: string) => {
    const value = readings.find((one) => one.quantity === quantity)?.value;
    return value?.type === 'number' ? decimalToNumber(value.decimal) : NaN;
  };
  expect(figure('Voltage L1')).toBeGreaterThan(225);
  expect(figure('Voltage L1')).toBeLessThan(238);
  expect(figure('Active energy import')).toBeGreaterThan(1000);
});

test.each<[readonly Fault[], number]>([
  [['silent'], 196614],
  [['wrong-bcc'], 196615],
  [['stops-in-mid-readout'], 196615],
  [['echo'], 0],
  [['wrong-bcc-once'], 0],
  [['garbage-before-answer'], 0],
  [['slow-reaction'], 0],
])('with the fault %j a read ends with %d', async (faults, code) => {
  expect((await read(1, 'Eastron SDM630', faults)).errorCode).toBe(code);
});

test('every bus of the list is there, with an address that its protocol takes', async () => {
  for (const { address = '', farEnd } of modbusSimulated) {
    modbusDialogue.normal(address);
    expect(await farEnd()).toBeTypeOf('function');
  }
  expect(single().map(({ unit }) => unit)).toEqual([1]);
});
