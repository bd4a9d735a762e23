/** What a client proposes and a meter agrees to; bits of three bytes. */
const bits = {
  'general protection': 0x400000,
  'general block transfer': 0x200000,
  read: 0x100000,
  write: 0x080000,
  'unconfirmed write': 0x040000,
  'attribute 0 with set': 0x008000,
  priority: 0x004000,
  'attribute 0 with get': 0x002000,
  'block get': 0x001000,
  'block set': 0x000800,
  'block action': 0x000400,
  'several in one': 0x000200,
  'information report': 0x000100,
  'data notification': 0x000080,
  access: 0x000040,
  'parametrized access': 0x000020,
  get: 0x000010,
  set: 0x000008,
  'selective access': 0x000004,
  'event notification': 0x000002,
  action: 0x000001,
} as const;

export type Ability = keyof typeof bits;

/** Three bytes as one number: what all meters with logical names take. */
export const PLAIN_PROPOSAL = 0x001e1d;
/** With short names: reading, several in one, and parts of attributes. */
export const SHORT_NAMES_PROPOSAL = 0x1c0320;
/** With ciphering: general protection and general block transfer too. */
export const CIPHERED_PROPOSAL = 0x60fe1f;

export const can = (conformance: number, ability: Ability): boolean => (conformance & bits[ability]) !== 0;
