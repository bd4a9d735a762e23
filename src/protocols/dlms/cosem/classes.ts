/** An interface class (DLMS UA 1000-1): what its attributes from the second on are, and which are read for a reading. */
interface InterfaceClass {
  readonly name: string;
  readonly attributes: readonly string[];
  /** Numbers of the attributes that make a reading; the value first. */
  readonly reads: readonly number[];
  /** Where scaler and unit are. */
  readonly scaler?: number;
  /** Attributes that are times, though they may be written as octets. */
  readonly times?: readonly number[];
  /** The attribute that says when another one was captured. */
  readonly captured?: { readonly at: number; readonly of: number };
}

const classes: Readonly<Record<number, InterfaceClass>> = {
  1: { name: 'Data', attributes: ['value'], reads: [2] },
  3: { name: 'Register', attributes: ['value', 'scaler and unit'], reads: [2, 3], scaler: 3 },
  4: {
    name: 'Extended register',
    attributes: ['value', 'scaler and unit', 'status', 'capture time'],
    reads: [2, 3, 5],
    scaler: 3,
    times: [5],
    captured: { at: 5, of: 2 },
  },
  5: {
    name: 'Demand register',
    attributes: [
      'current average',
      'last average',
      'scaler and unit',
      'status',
      'capture time',
      'start of the period',
      'period',
      'number of periods',
    ],
    reads: [2, 3, 4, 6],
    scaler: 4,
    times: [6, 7],
    // The current average is still under way.
    captured: { at: 6, of: 3 },
  },
  6: { name: 'Register activation', attributes: ['registers', 'masks', 'active mask'], reads: [] },
  7: {
    name: 'Profile',
    attributes: ['buffer', 'captured objects', 'period', 'sorting', 'sorted by', 'entries in use', 'entries'],
    reads: [3, 4, 5, 2],
  },
  8: {
    name: 'Clock',
    attributes: [
      'time',
      'time zone',
      'status',
      'daylight saving begins',
      'daylight saving ends',
      'daylight saving deviation',
      'daylight saving is on',
      'clock base',
    ],
    reads: [2],
    times: [2, 5, 6],
  },
  9: { name: 'Script table', attributes: ['scripts'], reads: [] },
  11: { name: 'Special days', attributes: ['entries'], reads: [] },
  15: {
    name: 'Association',
    attributes: [
      'objects',
      'partners',
      'application context',
      'xDLMS context',
      'authentication mechanism',
      'secret',
      'status',
      'security setup',
    ],
    reads: [],
  },
  17: { name: 'SAP assignment', attributes: ['logical devices'], reads: [] },
  20: { name: 'Activity calendar', attributes: ['active name', 'seasons', 'weeks', 'days'], reads: [] },
  22: { name: 'Single action schedule', attributes: ['script', 'type', 'times'], reads: [] },
  23: {
    name: 'HDLC setup',
    attributes: ['speed', 'window sent', 'window taken', 'bytes sent', 'bytes taken', 'pause', 'inactivity', 'address'],
    reads: [],
  },
  64: { name: 'Security setup', attributes: ['policy', 'suite', 'client title', 'server title'], reads: [] },
  70: { name: 'Disconnect control', attributes: ['output', 'state', 'mode'], reads: [] },
};

export const className = (classId: number): string => classes[classId]?.name ?? `Class ${classId}`;

/** "value"; "attribute 9" for one that is not known. */
export function attributeName(classId: number, number: number): string {
  return number === 1 ? 'name' : (classes[classId]?.attributes[number - 2] ?? `attribute ${number}`);
}

/** The attributes that make a reading; the second one of a class that is not known. */
export function attributesRead(classId: number): readonly number[] {
  const known = classes[classId];
  return known && known.reads.length > 0 ? known.reads : [2];
}

/** Whether an object is read where everything is to be read: it has one value, and a short one. */
export const hasReading = (classId: number): boolean => [1, 3, 4, 5, 8].includes(classId);

export const captureOf = (classId: number): InterfaceClass['captured'] => classes[classId]?.captured;
export const scalerAttribute = (classId: number): number | undefined => classes[classId]?.scaler;
export const isTime = (classId: number, number: number): boolean => classes[classId]?.times?.includes(number) ?? false;
