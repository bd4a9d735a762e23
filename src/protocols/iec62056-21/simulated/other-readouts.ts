import { block, lines } from './electricity-readouts.ts';
import { HOUR, counted, rate } from '../../../simulator/load.ts';
import type { Load } from '../../../simulator/load.ts';
import { digits, hoursSince, meterDate, monthStart, monthlyMaximum } from '../../../simulator/registers.ts';
import { scatter } from '../../../simulator/random.ts';

/** Readouts of gas, water and heat meters at a wall clock time. */

export interface VolumeMeter {
  readonly number: string;
  /** Cubic meters. */
  readonly volume: Load;
}

/** A gas encoder: decimal commas, and `!` right behind the last data set. */
export function gasReadout({ number, volume }: VolumeMeter, time: number): string {
  const { year, month, day, hour, minute } = meterDate(time);
  const value = digits(counted(volume, time), 6, 2).replace('.', ',');
  return (
    lines(`7-0:3.0.0(${value}*m3)`, `7-0:0.9.2(${day}.${month}.${year} ${hour}:${minute})`, `7-0:0.0.0(${number})`) +
    '7-0:0.2.2(G4)!\r\n'
  );
}

/** A water meter with the readings of the last two due days. */
export function waterReadout({ number, volume }: VolumeMeter, time: number): string {
  const { year, month, day } = meterDate(time);
  const reading = (at: number) => digits(counted(volume, at), 5, 3);
  return block(
    'F.F(00)',
    `C.1.0(${number})`,
    `8-0:0.9.2(${year}-${month}-${day})`,
    `8-0:1.0.0(${reading(time)}*m3)`,
    `8-0:1.0.0*01(${reading(monthStart(time, 0))}*m3)`,
    `8-0:1.0.0*02(${reading(monthStart(time, 1))}*m3)`,
    `8-0:2.0.0(${digits(rate(volume, time), 2, 3)}*m3ph)`,
    'C.6.1(10*y)',
  );
}

export interface HeatMeter {
  readonly number: string;
  /** Megawatt hours. */
  readonly energy: Load;
}

/** Cubic meters of water that carry one MWh at about 30 K between forward and back. */
const VOLUME_PER_MWH = 29;

/** A heat meter's block in the old EDIS addresses: several data sets on a line, two temperatures in one value. */
export function heatReadout({ number, energy }: HeatMeter, time: number): string {
  const heat = (at: number) => digits(counted(energy, at), 4, 3);
  const volume = (at: number) => digits(counted(energy, at) * VOLUME_PER_MWH, 5, 2);
  const thisYear = monthStart(time, Number(meterDate(time).month) - 1);
  const highest = monthlyMaximum(energy, time);
  const flicker = scatter(energy.seed, Math.floor(time / 10_000));
  const flow = rate(energy, time) * VOLUME_PER_MWH * (0.9 + 0.2 * flicker);
  const forward = digits(68 + 12 * flicker, 3, 1);
  const back = digits(41 + 5 * flicker, 3, 1);
  const { year, month, day, hour, minute, second } = meterDate(time);
  return block(
    `6.8(${heat(time)}*MWh)6.26(${volume(time)}*m3)9.21(${number})`,
    `6.26*01(${volume(thisYear)}*m3)6.8*01(${heat(thisYear)}*MWh)`,
    `F(0)9.20(${number})6.35(60*m)`,
    `6.6(${digits(highest.rate * 1000, 4, 1)}*kW)6.33(${digits(highest.rate * VOLUME_PER_MWH, 3, 3)}*m3ph)9.4(${forward}*C&${back}*C)`,
    `6.31(${digits(hoursSince(energy, time), 7, 0)}*h)6.32(0000000*h)9.22(R)9.6(000&${number}&0)`,
    `6.27(${digits(flow, 3, 3)}*m3ph)6.36(01-01&00:00)6.8.1()6.8.2()6.8.3()`,
    `9.36(20${year}-${month}-${day}&${hour}:${minute}:${second})9.24(1.5*m3ph)9.31(${digits(hoursSince(energy, time - HOUR), 7, 0)}*h)`,
    `0.0(${number})`,
  );
}
