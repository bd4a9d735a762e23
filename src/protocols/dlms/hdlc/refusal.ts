import { toHex } from '../../../common/bytes.ts';

/** Bits of the third byte of an FRMR: some makers count them from the other end of the nibble. */
const reasons = ['an unknown command', 'information where none may be', 'too long a frame', 'a wrong number'] as const;

/** Why a meter sent FRMR, in words; its information field is the control field it refused, its numbers, its reasons. */
export function frameRejectText(info: Uint8Array): string {
  const [control = 0, numbers = 0, bits = 0] = info;
  const found = reasons.filter((_, at) => (bits & (0x80 >> at)) !== 0 || (bits & (1 << at)) !== 0);
  const why = found.length === 0 ? 'it does not say why' : `it saw ${found.join(' and ')}`;
  const next = info.length >= 2 ? `; it expects number ${numbers >> 5}` : '';
  return `The meter rejected the frame with control field ${toHex(Uint8Array.of(control))}: ${why}${next}.`;
}
