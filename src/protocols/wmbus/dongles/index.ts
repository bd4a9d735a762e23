import { amber } from './amber.ts';
import { cul } from './cul.ts';
import type { Dongle } from './dongle.ts';
import { embit } from './embit.ts';
import { im871a } from './im871a.ts';
import { iu891a } from './iu891a.ts';
import { rc1180 } from './rc1180.ts';

/**
 * In the order in which a port is asked: Amber first, since after another rate it needs a rest; what writes text into a
 * buffer of another stick comes late.
 */
export const dongles: readonly (() => Dongle)[] = [amber, embit, im871a, rc1180, cul, iu891a];
