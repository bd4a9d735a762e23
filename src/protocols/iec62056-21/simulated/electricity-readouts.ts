import { counted } from '../../../simulator/load.ts';
import type { Load } from '../../../simulator/load.ts';
import {
  current,
  digits,
  energies,
  hoursSince,
  meterDate,
  monthStart,
  monthlyMaximum,
  power,
  tariffs,
  voltage,
} from '../../../simulator/registers.ts';

/** Readouts of electricity meters: data sets in the manners of different makes, at a wall clock time. */

const LINE = '\r\n';
const END = `!${LINE}`;

export interface ElectricityMeter {
  /** Invented, as all numbers here. */
  readonly number: string;
  readonly taken: Load;
  readonly given: Load;
}

export function lines(...sets: readonly string[]): string {
  return sets.map((set) => set + LINE).join('');
}

/** A plain block closed by `!` on a line of its own. */
export function block(...sets: readonly string[]): string {
  return lines(...sets) + END;
}

function minuteStamp(time: number): string {
  const { year, month, day, hour, minute } = meterDate(time);
  return `20${year}${month}${day}${hour}${minute}`;
}

/** Voltages and currents of three phases, `32.7.0` … `71.7.0`. */
function phases({ taken }: ElectricityMeter, time: number): string[] {
  const codes = [30, 50, 70];
  return [
    ...codes.map((code, phase) => `${code + 2}.7.0(${digits(voltage(taken.seed, phase, time), 3, 1)}*V)`),
    ...codes.map((code, phase) => `${code + 1}.7.0(${digits(current(taken, phase, time), 2, 2)}*A)`),
  ];
}

/** A household's three-phase meter: tariffs, export, phases, maximum with its time stamp at an address of its own (`,5`). */
export function threePhaseReadout(meter: ElectricityMeter, time: number): string {
  const { number, taken, given } = meter;
  const { total, tariff } = energies(taken, time);
  const { year, month, day, hour, minute, second } = meterDate(time);
  const highest = monthlyMaximum(taken, time);
  return block(
    'F.F(00000000)',
    `C.1.0(${number})`,
    `0.9.1(${hour}${minute}${second})`,
    `0.9.2(20${year}${month}${day})`,
    ...tariff.map((value, index) => `1.8.${index + 1}(${digits(value, 6, 3)}*kWh)`),
    `1.8.0(${digits(total, 6, 3)}*kWh)`,
    `2.8.0(${digits(counted(given, time), 6, 3)}*kWh)`,
    `1.7.0(${digits(power(taken, time), 2, 3)}*kW)`,
    `1.6.0(${digits(highest.rate, 2, 3)}*kW)`,
    `1.6.0,5(${minuteStamp(highest.time)})`,
    ...phases(meter, time),
    '0.3.3(00500*imp/kWh)',
    'C.7.0(0004)',
    `C.8.0(${digits(hoursSince(taken, time), 8, 0)}*h)`,
    'C.6.3(3.60*V)',
    '0.2.0(V0001)',
  );
}

/** Few registers, maximum with its time stamp in a second bracket. */
export function demandReadout({ number, taken }: ElectricityMeter, time: number): string {
  const { total, tariff } = energies(taken, time);
  const { year, month, day, hour, minute, second } = meterDate(time);
  const highest = monthlyMaximum(taken, time);
  const stamp = meterDate(highest.time);
  return block(
    'F.F(00)',
    `0.0.0(${number})`,
    '0.1.0(07)',
    ...tariff.map((value, index) => `1.8.${index + 1}(${digits(value, 6, 2)}*kWh)`),
    `1.8.0(${digits(total, 6, 2)}*kWh)`,
    `1.6.0(${digits(highest.rate, 2, 3)}*kW)(${stamp.year}-${stamp.month}-${stamp.day} ${stamp.hour}:${stamp.minute})`,
    `0.9.1(${hour}:${minute}:${second})`,
    `0.9.2(${year}-${month}-${day})`,
    'C.7.0(0002)',
  );
}

/** The same and the ends of the last fifteen months, stored values marked `*01`…: more than 2 kB. */
export function billingReadout(meter: ElectricityMeter, time: number): string {
  const { number, taken, given } = meter;
  const { total, tariff } = energies(taken, time);
  const { year, month, day, hour, minute, second } = meterDate(time);
  const stored = (label: string, value: (at: number) => string) =>
    Array.from({ length: 15 }, (_, index) => `${label}*${digits(index + 1, 2, 0)}(${value(monthStart(time, index))})`);
  const highest = (at: number, ago: number) => {
    const best = monthlyMaximum(taken, at, ago);
    const stamp = meterDate(best.time);
    return `${digits(best.rate, 2, 3)}*kW)(${stamp.year}${stamp.month}${stamp.day}${stamp.hour}${stamp.minute}`;
  };
  return block(
    'F.F(00000000)',
    `0.0.0(${number})`,
    'C.1.0(SIM00001)',
    '0.1.0(15)',
    `0.9.1(${hour}${minute}${second})`,
    `0.9.2(${year}${month}${day})`,
    `1.6.1(${highest(time, 0)})`,
    ...stored('1.6.1', (at) => highest(at, 1)),
    `1.8.0(${digits(total, 6, 3)}*kWh)`,
    ...stored('1.8.0', (at) => digits(energies(taken, at).total, 6, 3)),
    ...tariffs.flatMap((_, index) => [
      `1.8.${index + 1}(${digits(tariff[index] ?? 0, 6, 3)}*kWh)`,
      ...stored(`1.8.${index + 1}`, (at) => digits(energies(taken, at).tariff[index] ?? 0, 6, 3)),
    ]),
    `2.8.0(${digits(counted(given, time), 6, 3)}*kWh)`,
    ...stored('2.8.0', (at) => digits(counted(given, at), 6, 3)),
    ...phases(meter, time),
    'C.5.0(00)',
    'C.90.1(01)',
  );
}

/** Units inside the value without `*`: an older single-phase meter. */
export function unitInValueReadout({ number, taken }: ElectricityMeter, time: number): string {
  const { total, tariff } = energies(taken, time);
  return block(
    'F(00)',
    `C.1(${number})`,
    `1.8.0(${digits(total, 6, 0)} kWh)`,
    ...tariff.map((value, index) => `1.8.${index + 1}(${digits(value, 6, 0)} kWh)`),
    `1.7.0(${digits(power(taken, time), 2, 3)} kW)`,
  );
}

/** Energomera's own names; a name is not repeated for the tariffs that follow it. */
export function namedReadout({ number, taken }: ElectricityMeter, time: number): string {
  const { total, tariff } = energies(taken, time);
  const { year, month, day, hour, minute, second } = meterDate(time);
  return block(
    `SNUMB(${number})`,
    `DATE_(${day}.${month}.${year})`,
    `TIME_(${hour}:${minute}:${second})`,
    `ET0PE(${total.toFixed(2)})`,
    ...tariff.map((value) => `(${value.toFixed(2)})`),
    `POWEP(${power(taken, time).toFixed(6)})`,
    ...[0, 1, 2].map((phase) => `${phase === 0 ? 'VOLTA' : ''}(${voltage(taken.seed, phase, time).toFixed(2)})`),
  );
}

/** Mode D: the identification message, an empty line, data sets with full OBIS codes, no block check. */
export function pushMessage(identification: string, { number, taken, given }: ElectricityMeter, time: number): string {
  const net = power(taken, time) - power(given, time);
  return lines(
    `/${identification}`,
    '',
    `1-0:0.0.0*255(${number})`,
    `1-0:1.8.0*255(${digits(counted(taken, time), 8, 7)}*kWh)`,
    `1-0:2.8.0*255(${digits(counted(given, time), 8, 7)}*kWh)`,
    ...[21, 41, 61].map((code, phase) => {
      const watts = net * 1000 * ([0.42, 0.33, 0.25][phase] ?? 0);
      return `1-0:${code}.7.0*255(${digits(watts, 6, 2)}*W)`;
    }),
    `1-0:1.7.0*255(${digits(net * 1000, 6, 2)}*W)`,
    '1-0:96.5.5*255(80)',
    `0-0:96.1.255*255(${number})`,
    '!',
  );
}
