import type { AmsState, AtPortMode } from '../../engine/ams-api.ts';

/** Rates of the port that answers AT commands, Bd. */
export const baudRates = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200] as const;

/** What a program at the AT port may do, in words. */
export const modes: Readonly<Record<AtPortMode, { readonly name: string; readonly means: string }>> = {
  'read-only': {
    name: 'Read only',
    means:
      'It sees the meter list and the records and reads meters. What changes or deletes anything is answered with ERROR.',
  },
  confirm: {
    name: 'Ask me',
    means: 'It sees and reads. Each command that changes or deletes something waits for a yes here, at most a minute.',
  },
  full: {
    name: 'Everything',
    means: 'It also changes settings and the meter list and deletes records, and nobody is asked.',
  },
};

/** How many meters of the list are read through a port. */
export function metersOnPort(portId: string, { meters, ports }: Pick<AmsState, 'meters' | 'ports'>): number {
  const numbers = ports.filter((entry) => entry.portId === portId).map(({ number }) => number);
  return meters.filter(({ meter }) => numbers.includes(meter.port)).length;
}
