/** What a frame is for (ISO/IEC 13239, 5.3): numbers modulo 8, `poll` is the P/F bit. */
export type Control =
  | { readonly kind: 'I'; readonly send: number; readonly receive: number; readonly poll: boolean }
  | { readonly kind: 'RR' | 'RNR' | 'REJ'; readonly receive: number; readonly poll: boolean }
  | { readonly kind: 'SNRM' | 'UA' | 'DISC' | 'DM' | 'FRMR' | 'UI'; readonly poll: boolean };

const POLL = 0x10;
const supervisory = { RR: 0x01, RNR: 0x05, REJ: 0x09 } as const;
const unnumbered = { SNRM: 0x83, UA: 0x63, DISC: 0x43, DM: 0x0f, FRMR: 0x87, UI: 0x03 } as const;

export function controlByte(control: Control): number {
  const poll = control.poll ? POLL : 0;
  switch (control.kind) {
    case 'I':
      return (control.receive << 5) | poll | (control.send << 1);
    case 'RR':
    case 'RNR':
    case 'REJ':
      return (control.receive << 5) | poll | supervisory[control.kind];
    default:
      return unnumbered[control.kind] | poll;
  }
}

/** Undefined for a control field that nothing in DLMS has. */
export function readControl(byte: number): Control | undefined {
  const poll = (byte & POLL) !== 0;
  const receive = byte >> 5;
  if ((byte & 1) === 0) return { kind: 'I', send: (byte >> 1) & 7, receive, poll };
  for (const kind of ['RR', 'RNR', 'REJ'] as const)
    if ((byte & 0x0f) === supervisory[kind]) return { kind, receive, poll };
  for (const kind of ['SNRM', 'UA', 'DISC', 'DM', 'FRMR', 'UI'] as const)
    if ((byte & ~POLL) === unnumbered[kind]) return { kind, poll };
  return undefined;
}
