import type { Dialogue } from '../dialogue.ts';
import type { ReadCommand } from './command.ts';

/** The command this make reads single registers with, and the one to try where it does not. */
export function registerCommands({ identification }: Dialogue): readonly ReadCommand[] {
  const isNational =
    /^(?:EMH|LEM|MCS|MET|DZG|EBZ|LZQ)/i.test(identification?.manufacturer ?? '') ||
    // AS1440 and others say so: national commands are known.
    (identification?.escapes.includes('@') ?? false);
  return isNational ? ['R5', 'R1'] : ['R1', 'R5'];
}

export interface ProfileHabits {
  /** Range of the first request, and of the longest. */
  readonly firstMinutes: number;
  readonly mostMinutes: number;
  /** The meter begins later than it is asked to. */
  readonly earlierMinutes: number;
}

/** MetCom gives ten hours at most, and moves the start by up to two. */
export function profileHabits({ identification }: Dialogue): ProfileHabits {
  return /^(?:MCS|MET)/i.test(identification?.manufacturer ?? '')
    ? { firstMinutes: 600, mostMinutes: 600, earlierMinutes: 120 }
    : { firstMinutes: 1440, mostMinutes: 32 * 1440, earlierMinutes: 0 };
}
