import type { PortInfo } from '../../line/port.ts';

/** A simulated meter's name where the heading already says that it is simulated. */
export function simulatedName({ label }: PortInfo): string {
  return label.replace(/^Simulated: /, '');
}

/** The simulator's own id of a meter, by which its faults are kept. */
export function simulatedId({ id }: PortInfo): string {
  return id.replace(/^simulated:/, '');
}
