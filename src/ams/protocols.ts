import type { MeterProtocol } from '../protocols/protocol.ts';

/** Names and numbers of the protocols in AT commands and records (SmartCOM manual, DEV_ADD `<protocol>`). */
export const protocolNumbers = {
  'IEC62056-21': 1,
  MBUS: 2,
  MODBUS: 3,
  INMAT: 64,
  LOTOS: 65,
  AIN_DIN: 128,
} as const;

export type ProtocolName = keyof typeof protocolNumbers;

export const protocolNames = Object.keys(protocolNumbers) as readonly ProtocolName[];

/** The protocol a name (either case) or a number means, quoted or not: "mbus", "2", 2. Undefined for any other text. */
export function protocolName(nameOrNumber: string | number): ProtocolName | undefined {
  const text = nameOrNumber.toString().trim().toUpperCase();
  if (/^0*\d{1,3}$/.test(text)) {
    const number = Number(text);
    return protocolNames.find((name) => protocolNumbers[name] === number);
  }
  return protocolNames.find((name) => name === text);
}

/** What the meter list and the AT commands ask of a protocol; every {@link MeterProtocol} has it. */
export type RegisteredProtocol = Pick<MeterProtocol, 'name' | 'number' | 'parseAddress'>;

export interface ProtocolRegistry<Protocol extends RegisteredProtocol = RegisteredProtocol> {
  readonly all: readonly Protocol[];
  /** By name or number, as {@link protocolName} reads it; undefined for a protocol that is not built in. */
  find(nameOrNumber: string | number): Protocol | undefined;
}

export function createProtocolRegistry<Protocol extends RegisteredProtocol>(
  all: readonly Protocol[],
): ProtocolRegistry<Protocol> {
  return {
    all,
    find(nameOrNumber) {
      const name = protocolName(nameOrNumber);
      return all.find((protocol) => protocol.name === name);
    },
  };
}
