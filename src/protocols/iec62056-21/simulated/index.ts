import type { Values } from '../../../common/form.ts';
import type { SimulatedMeter } from '../../simulated-meter.ts';

const devices = () => import('./devices.ts');

/** Mode D: listened to for two telegrams and a little. */
function pushed(baudRate: number, framing: '7E1' | '8N1', everyMs: number): Values {
  return { mode: 'D', baudRate, framing, listenMs: 2 * everyMs + 2000 };
}

/** Every simulated meter, in the order to be listed. */
export const iecSimulated: readonly SimulatedMeter[] = [
  {
    id: 'three-phase',
    name: 'Three-phase meter',
    description: 'Household meter with two tariffs and photovoltaics, mode C, 300 Bd to 9600 Bd.',
    farEnd: async () => (await devices()).threePhase,
  },
  {
    id: 'demand',
    name: 'Maximum demand meter',
    description: 'Shop meter with monthly maximum, mode C, 300 Bd to 4800 Bd; says it can do mode E.',
    farEnd: async () => (await devices()).demand,
  },
  {
    id: 'billing',
    name: 'Billing meter with history',
    description:
      'Meter with fifteen stored months, more than 2 kB, mode C, 300 Bd to 19200 Bd; adapter that switches in place.',
    port: { reconfigure: 'in-place', latencyMs: 1 },
    farEnd: async () => (await devices()).billing,
  },
  {
    id: 'fast-reaction',
    name: 'Meter with 20 ms reaction time',
    description:
      'Meter whose third letter is lower-case: it answers 20 ms after the request, mode C, 300 Bd to 9600 Bd.',
    farEnd: async () => (await devices()).fastReaction,
  },
  {
    id: 'echo',
    name: 'Meter behind an echoing head',
    description: 'Optical head that returns every character it sends, mode C, 300 Bd to 9600 Bd.',
    nature: ['echo'],
    farEnd: async () => (await devices()).echo,
  },
  {
    id: 'stays-slow',
    name: 'Meter that stays at 300 Bd',
    description: 'Announces 9600 Bd and reads out at 300 Bd whatever the acknowledge says.',
    nature: ['stays-at-first-rate'],
    farEnd: async () => (await devices()).staysSlow,
  },
  {
    id: 'noisy',
    name: 'Meter on a noisy line',
    description: 'Now and then a bit is wrong, so that the block check fails about every other time. Mode C, 9600 Bd.',
    nature: ['noise'],
    port: { noise: 0.0012 },
    farEnd: async () => (await devices()).noisy,
  },
  {
    id: 'by-number',
    name: 'Meter that wants its number',
    description: 'Answers only to a request with its own number (421337), mode C, 300 Bd to 9600 Bd.',
    address: '421337',
    farEnd: async () => (await devices()).byNumber,
  },
  {
    id: 'sum-check',
    name: 'Meter with a sum as block check',
    description: 'Names instead of OBIS codes and a 7-bit sum in place of the block check, mode C, 300 Bd to 9600 Bd.',
    settings: { blockCheck: 'sum7' },
    farEnd: async () => (await devices()).sumCheck,
  },
  {
    id: 'keeps-session',
    name: 'Meter that keeps the session open',
    description: 'After a readout it stays at 9600 Bd for a minute unless a break ends the session.',
    farEnd: async () => (await devices()).keepsSession,
  },
  {
    id: 'load-profile',
    name: 'Meter with a load profile',
    description:
      'Keeps quarter-hour means for sixty days and gives them in programming mode, mode C, 300 Bd to 9600 Bd.',
    settings: { read: 'profile' },
    farEnd: async () => (await devices()).loadProfile,
  },
  {
    id: 'single-registers',
    name: 'Meter read register by register',
    description: 'Gives single registers in programming mode, its load profile only with a password. Mode C, 9600 Bd.',
    settings: { read: 'registers', registers: '0.0.0, 1.8.0, 2.8.0' },
    farEnd: async () => (await devices()).withPassword,
  },
  {
    id: 'push-2400',
    name: 'Pushing meter, 2400 Bd',
    description: 'Speaks every five seconds unasked, mode D as in the standard: 2400 Bd, even parity.',
    settings: pushed(2400, '7E1', 5000),
    farEnd: async () => (await devices()).push2400,
  },
  {
    id: 'push-9600',
    name: 'Pushing meter, 9600 Bd',
    description: 'Speaks every two seconds unasked at 9600 Bd, even parity.',
    settings: pushed(9600, '7E1', 2000),
    farEnd: async () => (await devices()).push9600,
  },
  {
    id: 'push-8n1',
    name: 'Pushing meter without parity',
    description: 'Speaks every two seconds unasked at 9600 Bd, eight bits without parity.',
    settings: pushed(9600, '8N1', 2000),
    farEnd: async () => (await devices()).push8N1,
  },
  {
    id: 'gas',
    name: 'Gas meter',
    description: 'Encoder of a gas meter, mode A: everything at 300 Bd, no acknowledge, decimal commas.',
    farEnd: async () => (await devices()).gas,
  },
  {
    id: 'heat',
    name: 'Heat meter',
    description: 'Mains-powered heat meter, mode B: identification at 300 Bd, data at 2400 Bd without an acknowledge.',
    farEnd: async () => (await devices()).heat,
  },
  {
    id: 'heat-battery',
    name: 'Battery heat meter',
    description: 'Asleep until forty NULs come, directly followed by the request. Mode B, data at 2400 Bd.',
    settings: { wakeUp: 'immediate', wakeUpNuls: 40 },
    farEnd: async () => (await devices()).heatBattery,
  },
  {
    id: 'water-battery',
    name: 'Battery water meter',
    description: 'Asleep until NULs come for 2.1 s, then a pause of 1.5 s. Mode B, data at 600 Bd.',
    settings: { wakeUp: 'standard' },
    farEnd: async () => (await devices()).waterBattery,
  },
];
