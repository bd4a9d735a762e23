import type { Readout } from '../../../common/readout.ts';
import type { Line } from '../../../line/line.ts';
import type { Listener, ReadOptions, Telegram } from '../../protocol.ts';
import { asDlmsError, dlmsError } from '../errors.ts';
import { hearPushes } from './hear.ts';

/** What meters send by themselves, without end. */
export const dlmsListener: Listener = {
  async listen(line, _target, hearing) {
    try {
      await hearPushes(line, hearing, () => line.signal.aborted);
    } catch (error) {
      if (!line.signal.aborted) throw error;
    }
  },
};

/** The next one, as a read. */
export async function readPushed(line: Line, listenMs: number, { onProgress }: ReadOptions): Promise<Readout> {
  const began = line.clock.monotonic();
  const heard: { telegram?: Telegram; reason?: string } = {};
  const hearing = {
    onTelegram: (telegram: Telegram) => (heard.telegram ??= telegram),
    onDropped: (reason: string) => (heard.reason = reason),
    onStep: (text: string) => onProgress?.({ kind: 'step', step: 'listening', text }),
  };
  let failure = dlmsError(
    'silent',
    `No meter sent anything by itself within ${listenMs / 1000} s at ${line.baudRate} Bd ${line.framing}.`,
    {
      hint: 'Is the port switched on by the operator, and does it send so often? Some send once an hour. Others send only while the request line is powered.',
    },
  );
  try {
    await hearPushes(line, hearing, () => heard.telegram !== undefined, began + listenMs);
    if (heard.reason !== undefined) failure = dlmsError('form', heard.reason);
  } catch (error) {
    failure = asDlmsError(error, line.signal);
  }
  const { readout } = heard.telegram ?? {};
  const durationMs = Math.round(line.clock.monotonic() - began);
  if (readout) {
    onProgress?.({ kind: 'data', data: readout.data });
    return { ...readout, circumstances: { ...readout.circumstances, durationMs } };
  }
  const { message, hint } = failure;
  return {
    errorCode: failure.code,
    identification: '',
    data: '',
    circumstances: { message, hint, baudRate: line.baudRate, durationMs },
  };
}
