import type { PortInfo } from '../../line/port.ts';

/** A simulated meter's name where the heading already says that it is simulated. */
export function simulatedName({ label }: PortInfo): string {
  return label.replace(/^Simulated: /, '');
}

/** Of something that waits for its turn: what the port is doing, as it follows on "this port is". */
export function waitWords(doing: string): string {
  return `waits: this port is ${doing}`;
}

/** A port as a list shows it: by the user's own name first. */
export function portName({ info }: { readonly info: PortInfo }, own: string): string {
  if (info.transport === 'simulated') return simulatedName(info);
  return own === '' ? info.label : `${own} · ${info.label}`;
}

/** The simulator's own id of a meter, by which its faults are kept. */
export function simulatedId({ id }: PortInfo): string {
  return id.replace(/^simulated:/, '');
}
