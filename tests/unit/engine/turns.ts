import { nextTurn } from '../../../src/simulator/sleepers.ts';

/**
 * Turns in which what is written gets to the stand-in for the disk, however slow the machine is: in so many milliseconds a
 * busy one may get to none.
 */
export async function turns(count = 300): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}
