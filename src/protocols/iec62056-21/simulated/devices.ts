import { deviceAt, type FarEnd } from '../../../simulator/far-end.ts';
import { counted, heatingHours, householdHours, sunHours, waterHours, type Load } from '../../../simulator/load.ts';
import { seedOf } from '../../../simulator/random.ts';
import { digits, energies, meterDate, power } from '../../../simulator/registers.ts';
import type { CommandSpec } from './commands.ts';
import {
  billingReadout,
  demandReadout,
  namedReadout,
  pushMessage,
  threePhaseReadout,
  unitInValueReadout,
  type ElectricityMeter,
} from './electricity-readouts.ts';
import { iecMeter, type IecMeterSpec } from './meter.ts';
import { gasReadout, heatReadout, waterReadout } from './other-readouts.ts';
import { outages, quarterHours } from './profile.ts';
import { pushMeter } from './push-meter.ts';

/**
 * What is at the other end of each simulated port, and what there is to learn from reading it. All numbers and
 * identifications are invented; the three letters of makers are real ones, for the sake of lists that know them.
 */

function electricity(number: string, kwhPerDay: number, sunKwhPerDay = 0): ElectricityMeter {
  const seed = seedOf(number);
  const since = Date.UTC(2019, 2, 12, 10);
  return {
    number,
    taken: { seed, perDay: kwhPerDay, hours: householdHours, season: 0.35, since, initial: 12 },
    given: { seed: seed + 1, perDay: sunKwhPerDay, hours: sunHours, season: -0.7, since, initial: 0 },
  };
}

function heating(number: string, perDay: number): Load {
  const since = Date.UTC(2017, 8, 4, 9);
  return { seed: seedOf(number), perDay, hours: heatingHours, season: 0.85, since, initial: 0 };
}

/** `says`: "ZPA5ZE3SIM": letters, baud rate character and identification as the meter says them. */
function polled<Meter extends { readonly number: string }>(
  says: string,
  meter: Meter,
  readout: (meter: Meter, time: number) => string,
  spec: Partial<IecMeterSpec> = {},
): FarEnd {
  const whole: IecMeterSpec = {
    manufacturer: says.slice(0, 3),
    baudCharacter: says.charAt(3),
    identification: says.slice(4),
    readout: (time) => readout(meter, time),
    blockCheck: 'xor',
    address: meter.number,
    ...spec,
  };
  return deviceAt((faults) => iecMeter(whole, faults));
}

function pushing(
  says: string,
  meter: ElectricityMeter,
  manner: { readonly baudRate: number; readonly parity: 'even' | 'none'; readonly everyMs: number },
): FarEnd {
  const message = (time: number) => pushMessage(says, meter, time);
  return deviceAt((faults) => pushMeter({ message, ...manner }, faults));
}

/** The usual dialogue: request, identification, acknowledge, readout at the higher rate. */
export const threePhase = polled('ZPA5ZE3SIM.01', electricity('04710815', 9.4, 6.2), threePhaseReadout);
/** An identification with \2 (mode E offered) that is read in mode C all the same. */
export const demand = polled('LGZ4\\2ZSIM100.T1', electricity('07700123', 88), demandReadout);
/** A long readout: seconds at 19200 Bd, a minute and more at 300 Bd. */
export const billing = polled('EMH6LSIM0042', electricity('00990417', 61, 24), billingReadout);
/** Little time to change the rate: a reader that waits too long loses the first characters. */
export const fastReaction = polled('ISk5MTSIM-0001', electricity('31004711', 7.1), unitInValueReadout);
/** What is sent comes back first and must not be taken for the answer. */
export const echo = polled('ZPA5ZE3SIM.02', electricity('04710816', 5.5), threePhaseReadout);
/** Nothing readable at the announced rate: listen at the first one, and remember it. */
export const staysSlow = polled('LGZ5ZSIM120.AP', electricity('07700456', 12), demandReadout);
/** What parity and block check are for, and that NAK has the readout repeated. */
export const noisy = polled('ZPA5ZE3SIM.03', electricity('04710817', 10.8, 3.1), threePhaseReadout);
/** The address in the request; leading zeros do not count. */
export const byNumber = polled('EMH5ITSIM07', electricity('00421337', 15), demandReadout, { onlyByAddress: true });
/** A block check of another kind is no transmission error: a setting of the meter. */
export const sumCheck = polled('EMR5\\2CESIM6.1', electricity('112233445', 8.2), namedReadout, { blockCheck: 'sum7' });
/** Why the second read within a minute fails where the first one was not ended by a break. */
export const keepsSession = polled('ACE5SIMLCD', electricity('62100944', 6.6), demandReadout, { keepsSession: true });

/** Values by address, as a programming mode gives them. */
function registersOf({ number, taken, given }: ElectricityMeter, time: number): Readonly<Record<string, string>> {
  const { total, tariff } = energies(taken, time);
  const { year, month, day, hour, minute, second } = meterDate(time);
  return {
    '0.0.0': number,
    '0.9.1': `0${hour}${minute}${second}`,
    '0.9.2': `0${year}${month}${day}`,
    '1.8.0': `${digits(total, 6, 3)}*kWh`,
    ...Object.fromEntries(tariff.map((value, index) => [`1.8.${index + 1}`, `${digits(value, 6, 3)}*kWh`])),
    '2.8.0': `${digits(counted(given, time), 6, 3)}*kWh`,
    '1.7.0': `${digits(power(taken, time), 2, 3)}*kW`,
    '0.2.2': '00000001',
  };
}

function withCommands(
  says: string,
  meter: ElectricityMeter,
  codes: readonly [string, string],
  manner: Omit<CommandSpec, 'operand' | 'registers' | 'lists'>,
): FarEnd {
  const commands: CommandSpec = {
    operand: meter.number,
    registers: (time) => registersOf(meter, time),
    lists: {
      'P.01': (from, to, time) => quarterHours([meter.taken, meter.given], codes, from, to, time),
      'P.98': (from, to, time) => outages([meter.taken, meter.given], from, to, time),
    },
    ...manner,
  };
  return polled(says, meter, demandReadout, { commands });
}

/** Programming mode in VDEW's manner: single registers and the load profile by R5, addresses in the answers. */
export const loadProfile = withCommands('EMH5\\@SIMLZQ', electricity('00815001', 214, 60), ['1-1:1.5', '1-1:2.5'], {
  registerCommand: 'R5',
  repeatsAddress: true,
  profileCommand: 'R5',
  writes: { command: 'W5', addresses: ['0.9.1', '0.9.2', '0.2.2'], password: '00000000' },
  clockOff: -37_000,
});
/** Registers by R1 without their address; the profile in blocks, and only with a password: the meter refuses in words. */
export const withPassword = withCommands('ISK5SIMT174', electricity('00815002', 18, 9), ['1.5', '2.5'], {
  registerCommand: 'R1',
  repeatsAddress: false,
  profileCommand: 'R6',
  password: '12345678',
  writes: { command: 'W1', addresses: ['0.9.1', '0.9.2', '0.2.2'], password: '12345678' },
  clockOff: 4_000,
});

/** Listening instead of asking; there is no block check. */
export const push2400 = pushing('HAG3EHSIM01', electricity('1095100000099901', 11.2, 7.7), {
  baudRate: 2400,
  parity: 'even',
  everyMs: 5000,
});
/** Mode D at the rate that real meters use; live power. */
export const push9600 = pushing('ESY5QSIM3 V1.00', electricity('1ESY9900000001', 9.9, 9.1), {
  baudRate: 9600,
  parity: 'even',
  everyMs: 2000,
});
/** The framing is a property of the meter: parity errors everywhere mean 8N1. */
export const push8N1 = pushing('LOG5LKSIM', electricity('1LOG0099000002', 13.3, 2.4), {
  baudRate: 9600,
  parity: 'none',
  everyMs: 2000,
});

const gasNumber = '7ELS99000000123';
/** A blank where the baud rate character stands means mode A; `!` may follow the last data set directly. */
export const gas = polled('ELS GASSIM V1.0', { number: gasNumber, volume: heating(gasNumber, 5.4) }, gasReadout, {
  address: '99000123',
});

const heatMeter = (number: string, perDay: number) => ({ number, energy: heating(number, perDay) });
/** The meter changes the rate by itself after the identification; several data sets stand on a line. */
export const heat = polled('SIEC2HSIM1', heatMeter('00770021', 0.034), heatReadout);
/** Waking without a pause, as the UH50 and T550 want it. */
export const heatBattery = polled('LUGCUHSIM', heatMeter('00770022', 0.051), heatReadout, { wakeUp: 'immediate' });

const waterNumber = '55500031';
const volume: Load = {
  seed: seedOf(waterNumber),
  perDay: 0.31,
  hours: waterHours,
  season: -0.1,
  since: Date.UTC(2021, 4, 17, 8),
  initial: 0,
};
/** The standard's wake-up message. */
export const waterBattery = polled('HYDAWASIM1', { number: waterNumber, volume }, waterReadout, { wakeUp: 'standard' });
