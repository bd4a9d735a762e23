/** What SNRM and UA settle: each says it from its own side. */
export interface LinkParameters {
  /** Longest information field that it sends, and that it takes, in bytes. */
  readonly sends: number;
  readonly takes: number;
  /** Frames that it sends, and takes, without an answer between. */
  readonly sendWindow: number;
  readonly takeWindow: number;
}

/** What holds where nothing is said (IEC 62056-46). */
export const usualParameters: LinkParameters = { sends: 128, takes: 128, sendWindow: 1, takeWindow: 1 };

const FORMAT = 0x81;
const GROUP = 0x80;
const ids = { sends: 0x05, takes: 0x06, sendWindow: 0x07, takeWindow: 0x08 } as const;
const mosts = { sends: 2030, takes: 2030, sendWindow: 7, takeWindow: 7 } as const;
const names = ['sends', 'takes', 'sendWindow', 'takeWindow'] as const;

/** The information field of an SNRM that proposes these, or of a UA. */
export function parameterBytes(parameters: LinkParameters): Uint8Array {
  const body = names.flatMap((name) => {
    const value = parameters[name];
    if (name === 'sendWindow' || name === 'takeWindow') return [ids[name], 4, 0, 0, 0, value];
    return value > 0xff ? [ids[name], 2, value >> 8, value & 0xff] : [ids[name], 1, value];
  });
  return Uint8Array.of(FORMAT, GROUP, body.length, ...body);
}

/**
 * What a UA or SNRM says; what is missing is as usual, and what is more than may be is as much as may be. Values have any
 * length, other parameters and groups are passed over by theirs.
 */
export function readParameters(info: Uint8Array): LinkParameters {
  const found: { -readonly [Name in keyof LinkParameters]: number } = { ...usualParameters };
  if (info[0] !== FORMAT) return found;
  let at = 1;
  while (at + 1 < info.length) {
    const [group, length = 0] = [info[at], info[at + 1]];
    const end = Math.min(info.length, at + 2 + length);
    if (group === GROUP) readGroup(info.subarray(at + 2, end), found);
    at = end;
  }
  return found;
}

function readGroup(group: Uint8Array, found: { -readonly [Name in keyof LinkParameters]: number }): void {
  let at = 0;
  while (at + 1 < group.length) {
    const [id, length = 0] = [group[at], group[at + 1]];
    const name = names.find((one) => ids[one] === id);
    const value = group.subarray(at + 2, at + 2 + length).reduce((sum, byte) => sum * 256 + byte, 0);
    // Zero bytes, or frames, would be no connection.
    if (name && at + 2 + length <= group.length && value > 0) found[name] = Math.min(mosts[name], value);
    at += 2 + length;
  }
}
