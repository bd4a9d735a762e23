import { HEX_PAIR } from '../../common/bcd.ts';
import { HIDDEN } from '../../common/hidden.ts';
import type { TraceEntry } from '../../line/trace.ts';
import type { WireLine } from '../../protocols/protocol.ts';

/** Characters closer together than this belong to one answer, ms. */
const ONE_ANSWER_MS = 150;

/** The trace in hex: one line per frame sent, one per answer, `~` before a character whose parity was wrong. */
export function hexLines(entries: readonly TraceEntry[]): readonly WireLine[] {
  const lines: WireLine[] = [];
  let lastReceivedAt = -Infinity;
  for (const entry of entries) {
    const { time, direction, baudRate } = entry;
    if (direction === 'event') {
      lines.push({ time, direction, baudRate, text: `-- ${entry.text} --` });
      continue;
    }
    const wrong = new Set(direction === 'received' ? entry.parityErrors : []);
    const hidden = new Set(entry.hidden);
    const shown = (byte: number, at: number) => (hidden.has(at) ? HIDDEN : (HEX_PAIR[byte] ?? ''));
    const hex = Array.from(entry.bytes, (byte, at) => `${wrong.has(at) ? '~' : ''}${shown(byte, at)}`).join(' ');
    const last = lines.at(-1);
    if (direction === 'received' && last?.direction === 'received' && time - lastReceivedAt < ONE_ANSWER_MS) {
      lines[lines.length - 1] = { ...last, text: `${last.text} ${hex}` };
    } else {
      lines.push({ time, direction, baudRate, text: `${direction === 'sent' ? '==>' : '<=='} ${hex}` });
    }
    if (direction === 'received') lastReceivedAt = time;
  }
  return lines;
}

/** A dialogue as text to read, copy and save: seconds, then the line. Empty for an empty one. */
export function wireToText(lines: readonly WireLine[]): string {
  return lines.map(({ time, text }) => `${(time / 1000).toFixed(3).padStart(8)}  ${text}\n`).join('');
}
