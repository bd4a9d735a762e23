import type { MbusBaudRate } from './address.ts';
import type { BrokenAnswer } from './broken-answer.ts';
import { damagedCharacters, faultOf, frameByMajority, headerInBrokenFrame, isSameAnswer } from './broken-answer.ts';
import { frameOf } from './frame.ts';
import type { LineQuality } from './line-quality.ts';
import type { Link } from './link.ts';
import { exchange, listenUntil } from './link.ts';
import { reqUd2, sndNke } from './messages.ts';
import type { FoundMeter } from './search.ts';
import { foundMeter, LONGEST_WAIT, meterAnswer, slowerThan } from './search.ts';
import { ADAPTER_MS, latestAnswer } from './search-question.ts';

/** One question of a scan: who is at a primary address. */

/** So often data is asked for that comes damaged or not at all. */
export const REQUESTS = 5;

export interface AskedLine {
  readonly link: Link;
  readonly quality: LineQuality;
  baudRate: MbusBaudRate;
}

export type Asked =
  { readonly kind: 'nobody' | 'several' | 'mute' | 'late' } | { readonly kind: 'found'; readonly meter: FoundMeter };

/** One link reset and what follows, unless a slow meter at an address before was heard in it. */
export async function ask(scan: AskedLine, address: number): Promise<Asked> {
  const { link, quality } = scan;
  const wasNoisy = quality.noisy;
  const { asked, disturbed } = await askOnce(scan, address);
  if (wasNoisy || slowerThan(link.timeoutMs) === undefined) return asked;
  if (disturbed && (await latestAnswer(link, LONGEST_WAIT)) > link.timeoutMs + ADAPTER_MS) return { kind: 'late' };
  if (asked.kind !== 'mute') return asked;
  const usual = link.timeoutMs;
  link.timeoutMs = LONGEST_WAIT;
  const { answer } = await exchange(link, sndNke(address), 'SND_NKE');
  link.timeoutMs = usual;
  return answer.kind === 'silence' || answer.kind === 'echo' ? { kind: 'late' } : asked;
}

export interface AskedOnce {
  readonly asked: Asked;
  /** More was heard than one meter says. */
  readonly disturbed: boolean;
}

/** One link reset and, where something answered, REQ_UD2: only its answer tells one meter from two. */
async function askOnce(scan: AskedLine, address: number): Promise<AskedOnce> {
  const { link, quality } = scan;
  const { answer, lateBytes } = await exchange(link, sndNke(address), 'SND_NKE');
  if (lateBytes > 0) return { asked: { kind: quality.noisy ? 'nobody' : 'late' }, disturbed: false };
  if (answer.kind === 'silence' || answer.kind === 'echo') return { asked: { kind: 'nobody' }, disturbed: false };
  const data = await askForData(scan, address, false);
  const isClear = 'disturbance' in answer && answer.disturbance.kind === 'none';
  return { ...data, disturbed: data.disturbed || !isClear };
}

/** `unheard`: nothing was heard of the address yet, so that a first silence is the answer. */
export async function askForData(
  { link, quality, baudRate }: AskedLine,
  address: number,
  unheard: boolean,
): Promise<AskedOnce> {
  let disturbed = false;
  const outcome = (asked: Asked): AskedOnce => ({ asked, disturbed });
  const heard: BrokenAnswer[] = [];
  let silences = 0;
  for (let request = 0; request < REQUESTS; request++) {
    const { answer, requestEnd, lateBytes } = await exchange(link, reqUd2(address, 1), 'REQ_UD2');
    disturbed ||= lateBytes > 0;
    if (answer.kind === 'silence' || answer.kind === 'echo') {
      silences++;
      if (unheard && heard.length === 0) return outcome({ kind: 'nobody' });
      if (silences > 2) break;
      continue;
    }
    const alone = (await listenUntil(link, requestEnd + link.timeoutMs)) === 0;
    const whole = answer.kind === 'frame' && answer.disturbance.kind === 'none' && alone ? answer.bytes : undefined;
    disturbed ||= whole === undefined;
    if (whole === undefined && 'bytes' in answer && alone)
      heard.push({ bytes: answer.bytes, badParity: 'badParity' in answer ? answer.badParity : [] });
    const bytes = whole ?? frameByMajority(heard);
    const meter = bytes && meterAnswer(frameOf(bytes), address);
    if (bytes && meter) {
      quality.received(bytes.length * (1 + heard.length));
      for (const broken of heard) quality.wasDamaged(damagedCharacters(broken, bytes));
      const frame = frameOf(bytes);
      return outcome({
        kind: 'found',
        meter: foundMeter(frame, bytes, meter.header, { kind: 'primary', address, baudRate }),
      });
    }
    const [before, last] = heard.slice(-2);
    if (before && last && isSameAnswer(before, last) && heard.length > 2) {
      const broken = brokenMeter(last, address, baudRate);
      return outcome(broken === undefined ? { kind: 'several' } : { kind: 'found', meter: broken });
    }
  }
  return outcome({ kind: heard.length === 0 && silences > 0 ? 'mute' : 'several' });
}

/** The same came three times with right parities: one meter, and its data is broken. */
function brokenMeter(data: BrokenAnswer, address: number, baudRate: MbusBaudRate): FoundMeter | undefined {
  const header = headerInBrokenFrame(data);
  if (header === undefined || data.badParity.length > 0) return undefined;
  const frame = { kind: 'long', control: 8, address, controlInformation: 0x72, data: data.bytes } as const;
  return { ...foundMeter(frame, data.bytes, header, { kind: 'primary', address, baudRate }), fault: faultOf(data) };
}
