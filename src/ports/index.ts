import { webSerial } from './serial/index.ts';
import type { Transport } from './transport.ts';

/** Every way to reach an adapter, the most usual first. What one can't do here it says itself: `isHere`, `missing`. */
export const transports: readonly Transport[] = [webSerial];

/** Those that this browser has. */
export const availableTransports = (): readonly Transport[] => transports.filter((transport) => transport.isHere());
