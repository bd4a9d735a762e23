import { HIDDEN } from '../../common/hidden.ts';
import type { TraceEntry } from '../../line/trace.ts';
import type { WireLine } from '../protocol.ts';
import { EOT, ETX, LF, STX } from './control.ts';

/** A received line under way. */
interface Pending {
  readonly time: number;
  readonly baudRate: number;
  text: string;
}

/** The trace line by line: one per message sent, one per line received, control characters as `<XX>`. */
export function traceLines(entries: readonly TraceEntry[]): WireLine[] {
  const lines: WireLine[] = [];
  let pending: Pending | undefined;
  let checkFollows = false;

  function endLine(): void {
    if (pending) lines.push({ ...pending, direction: 'received', text: `<== ${pending.text}` });
    pending = undefined;
  }

  function mark(entry: TraceEntry, text: string): void {
    endLine();
    lines.push({ time: entry.time, direction: 'received', baudRate: entry.baudRate, text: `<== -- ${text} --` });
  }

  function receive(entry: TraceEntry, byte: number, parityOk: boolean, isHidden: boolean): void {
    if (checkFollows) {
      checkFollows = false;
      return mark(entry, 'BCC');
    }
    if (byte === STX && !isHidden) return mark(entry, 'STX');
    if (byte === ETX || byte === EOT) {
      checkFollows = true;
      return mark(entry, byte === ETX ? 'ETX' : 'EOT');
    }
    pending ??= { time: entry.time, baudRate: entry.baudRate, text: '' };
    pending.text += isHidden ? HIDDEN : parityOk ? shown(byte) : `<${hex(byte)} parity>`;
    if (byte !== LF) return;
    // The regular line end goes without saying; a lone LF or an empty line is shown.
    pending.text = pending.text.replace(/(?<=.)<0D><0A>$/s, '');
    endLine();
  }

  for (const entry of entries) {
    const { time, direction, baudRate, bytes } = entry;
    const hidden = new Set(entry.hidden);
    if (direction === 'received') {
      const wrong = new Set(entry.parityErrors);
      bytes.forEach((byte, position) => receive(entry, byte, !wrong.has(position), hidden.has(position)));
      continue;
    }
    endLine();
    checkFollows = false;
    if (direction === 'sent')
      lines.push({
        time,
        direction,
        baudRate,
        text: `==> ${Array.from(bytes, (byte, at) => (hidden.has(at) ? HIDDEN : shown(byte))).join('')}`,
      });
    else
      lines.push({
        time,
        direction,
        baudRate,
        text: entry.text.startsWith('timeout') ? '<== -- Tout --' : `-- ${entry.text} --`,
      });
  }
  endLine();
  return lines;
}

function shown(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `<${hex(byte)}>`;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
