import { serverAddress, type HdlcAddress } from '../hdlc/address.ts';

/** Clients in the order in which they are tried: public, management, and those of makers and countries. */
export const CLIENTS = [16, 1, 32, 48, 2, 3, 4, 7, 64] as const;
/** With these a meter is called: one that does not know a client may be deaf to it. */
export const CALLERS = [16, 1, 32, 4] as const;

const ALL_SHORT = 0x7f;
const ALL_LONG = 0x3fff;

/**
 * Servers in the order in which they are called: the usual ones with one, two and four bytes, those that makers form of the
 * number, and at last whoever there is, since only one meter hangs on the line.
 */
export function servers(number: string): readonly HdlcAddress[] {
  const own = number === '' ? [] : ownAddresses(number);
  return [
    ...own,
    serverAddress(1, 17),
    serverAddress(1),
    serverAddress(1, 1),
    serverAddress(1, 17, true),
    serverAddress(1, 16, true),
    serverAddress(1, 16),
    serverAddress(1, ALL_SHORT),
    serverAddress(1, ALL_LONG),
  ];
}

/** The last four digits and 1000, the last two and 16, the last three or four as they are. */
function ownAddresses(number: string): readonly HdlcAddress[] {
  const last = (digits: number) => Number(number.slice(-digits));
  const physical = [last(4) + 1000, last(2) + 16, last(4), last(3)];
  return [...new Set(physical)].filter((one) => one > 0).map((one) => serverAddress(1, one, true));
}
