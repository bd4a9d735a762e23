import type { Reading } from '../../common/reading.ts';
import type { Readout } from '../../common/readout.ts';
import type { Line } from '../../line/line.ts';
import type { ReadOptions } from '../protocol.ts';
import type { StoredData } from '../stored-data.ts';

/** A readout that has begun is let run out. */
const RUN_OUT = { firstByteMs: 1000, interByteMs: 1000, totalMs: 60_000 };

/** The readout in mode C of a meter that does not go over to HDLC: IEC 62056-21 names both, and what it is has one form. */
export async function readInModeC(line: Line, options: ReadOptions): Promise<Readout> {
  const { iecDialogue } = await import('../iec62056-21/ask.ts');
  await line.read(() => 'more', RUN_OUT);
  const target = { address: '', settings: {} };
  await line.change(iecDialogue.lineOf(target));
  return await iecDialogue.read(line, target, options);
}

/** Whether a record has such a readout instead of values of DLMS. */
export const isInModeC = ({ circumstances }: StoredData): boolean =>
  circumstances?.mode !== undefined && circumstances.mode !== 'E';

export async function decodeInModeC(stored: StoredData): Promise<readonly Reading[]> {
  const { decodeIec } = await import('../iec62056-21/decode.ts');
  return decodeIec(stored);
}
