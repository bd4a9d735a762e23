import { fromLatin1 } from '../../../common/bytes.ts';
import type { Data } from '../axdr/data.ts';
import { localMs, timeOf } from '../cosem/date-time.ts';
import type { MeterSpec, SimulatedObject } from './server.ts';

const DENIED = 3;
const TYPE_UNMATCHED = 12;
const CLOCK = 8;
/** So far its clock is off, milliseconds. */
const CLOCK_OFF = -42_000;

/** A meter with something to change: its clock, a text for the consumer, a disconnector. What is changed stays. */
export function changeable(spec: MeterSpec): MeterSpec {
  let off = CLOCK_OFF;
  let text: Data = { type: 'octet-string', bytes: fromLatin1('Meter of a demonstration') };
  let isOn = true;

  const withClock = (object: SimulatedObject): SimulatedObject => {
    const read = object.attributes[2];
    if (object.classId !== CLOCK || !read) return object;
    return {
      ...object,
      attributes: { ...object.attributes, 2: (time) => read(time + off) },
      write(number, value, time) {
        const now = read(time + off);
        if (number !== 2 || !('bytes' in value) || !('bytes' in now)) return number === 2 ? TYPE_UNMATCHED : DENIED;
        const [wanted, shown] = [value.bytes, now.bytes].map((bytes) => {
          const at = timeOf(bytes);
          return at && localMs(at);
        });
        if (value.type !== now.type || wanted === undefined || shown === undefined) return TYPE_UNMATCHED;
        off += wanted - shown;
        // It begins the second it was told anew.
        off -= (((time + off) % 1000) + 1000) % 1000;
        return 0;
      },
      act(number, parameter) {
        if (number !== 6 || parameter?.type !== 'int16') return DENIED;
        off += 1000 * parameter.value;
        return 0;
      },
    };
  };
  const message: SimulatedObject = {
    classId: 1,
    version: 0,
    name: Uint8Array.of(0, 0, 96, 13, 0, 255),
    attributes: { 2: () => text },
    write(number, value) {
      if (number !== 2 || value.type !== 'octet-string') return number === 2 ? TYPE_UNMATCHED : DENIED;
      text = value;
      return 0;
    },
  };
  const disconnector: SimulatedObject = {
    classId: 70,
    version: 0,
    name: Uint8Array.of(0, 0, 96, 3, 10, 255),
    attributes: { 2: () => ({ type: 'boolean', value: isOn }), 3: () => ({ type: 'enum', value: isOn ? 1 : 0 }) },
    act(number, parameter) {
      if ((number !== 1 && number !== 2) || parameter?.type !== 'int8') return DENIED;
      isOn = number === 2;
      return 0;
    },
  };
  return { ...spec, objects: [...spec.objects.map(withClock), message, disconnector] };
}
