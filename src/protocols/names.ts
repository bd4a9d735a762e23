/**
 * Names and numbers of the protocols in AT commands and records (SmartCOM manual, DEV_ADD `<protocol>`), also of those
 * that are not built in yet: an export or a record may name them.
 */
const protocolNumbers: Readonly<Record<string, number>> = {
  'IEC62056-21': 1,
  MBUS: 2,
  MODBUS: 3,
  INMAT: 64,
  LOTOS: 65,
  AIN_DIN: 128,
};

export const protocolNames: readonly string[] = Object.keys(protocolNumbers);

/** The A/D inputs, which are no serial port and have port 128 for themselves. */
export const INPUTS = 'AIN_DIN';

/** The protocol a name (either case) or a number means, quoted or not: "mbus", "2", 2. Undefined for any other text. */
export function protocolName(nameOrNumber: string | number, others: readonly NamedProtocol[] = []): string | undefined {
  const text = nameOrNumber.toString().trim().toUpperCase();
  if (!/^0*\d{1,3}$/.test(text))
    return [...protocolNames, ...others.map(({ name }) => name)].find((name) => name === text);
  const number = Number(text);
  const named = protocolNames.find((name) => protocolNumbers[name] === number);
  return named ?? others.find((other) => other.number === number)?.name;
}

export interface NamedProtocol {
  readonly name: string;
  readonly number: number;
}
