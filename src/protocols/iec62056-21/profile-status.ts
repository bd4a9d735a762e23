/** What the bits of a status of load profile and log book say, where makers agree (EMH, LEM; VDEW's 32 bits). */
const long: Readonly<Record<number, string>> = {
  0: 'fatal device fault',
  1: 'clock reserve exhausted',
  2: 'period incomplete or disturbed',
  3: 'season changed',
  4: 'reset',
  5: 'clock set',
  6: 'supply restored',
  7: 'supply failed',
  8: 'parameters changed',
  13: 'log book erased',
  14: 'load profile erased',
  15: 'from before the clock was last set',
};

/** The form of two digits (MetCom, DLMS): another order of bits. */
const short: Readonly<Record<number, string>> = {
  0: 'critical error',
  1: 'clock invalid',
  2: 'data invalid',
  3: 'summer time',
  5: 'clock adjusted',
  7: 'power down',
};

/** `00008020` → "clock set, from before the clock was last set"; undefined where nothing is set, or it is no status. */
export function statusWords(status: string): string | undefined {
  if (!/^(?:[\dA-F]{2}|[\dA-F]{8})$/i.test(status) || /^0+$/.test(status)) return undefined;
  const bits = status.length === 2 ? short : long;
  const value = Number.parseInt(status, 16);
  const words = Array.from({ length: 32 }, (_, bit) => ((value >>> bit) & 1 ? (bits[bit] ?? `bit ${bit}`) : ''));
  return words.filter((word) => word !== '').join(', ');
}
