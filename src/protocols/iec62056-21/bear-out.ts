import { fromLatin1 } from '../../common/bytes.ts';
import type { Readout } from '../../common/readout.ts';
import { dsmrCrc } from './block-check.ts';
import { step, type Dialogue } from './dialogue.ts';
import { memoryKey } from './memory.ts';
import { NO_CHECK } from './receive-data.ts';
import { isVouchedFor } from './trust.ts';

/** A meter whose figures change their width between two readings gets a third. */
const MOST_MORE = 2;

const LIKE_BEFORE = 'the meter sends no check character; the data has the form of an earlier reading';
const READ_TWICE = 'the meter sends no check character; it was read again, and the data had the same form';
const NOT_BORNE_OUT = `${NO_CHECK}, and no second reading bears this one out`;

/**
 * The form of a data block: its text with every digit the same. Figures that go on counting keep it; wherever a character
 * is lost or doubled it is another one.
 */
export function formOf(block: string): string {
  return `${String(block.length)}-${dsmrCrc(fromLatin1(block.replace(/\d/g, '0'))).toString(16)}`;
}

/**
 * Where nothing but the parity of its characters vouches for a readout, nothing shows that one is missing, and 12345.6
 * is 1245.6. Such a readout is borne out by another of the same form: an earlier one of this meter, or one that `again`
 * brings. Without any it is kept, and nothing of it is whole.
 */
export async function bearOut(dialogue: Dialogue, first: Readout, again: () => Promise<Readout>): Promise<Readout> {
  const { identification, address, options } = dialogue;
  if (!isByParityOnly(dialogue, first)) return first;
  const key = identification && memoryKey(address.address, identification.raw);
  const earlier = key === undefined ? undefined : options.memory?.recall(key)?.form;
  if (earlier === formOf(first.data)) return judged(first, true, LIKE_BEFORE);

  const forms = new Set<string>();
  let kept = first;
  for (let more = 0; more < MOST_MORE; more++) {
    forms.add(formOf(kept.data));
    step(dialogue, 'retrying', 'the meter sends no check character: reading it again, to compare');
    const next = await again();
    if (next.errorCode !== 0) {
      const why = next.circumstances?.message;
      return judged(kept, false, why === undefined ? NOT_BORNE_OUT : `${NOT_BORNE_OUT}: ${why}`);
    }
    kept = next;
    const form = formOf(kept.data);
    if (!forms.has(form)) continue;
    if (key !== undefined) options.memory?.remember(key, { form });
    return judged(kept, true, READ_TWICE);
  }
  return judged(kept, false, NOT_BORNE_OUT);
}

function isByParityOnly({ settings }: Dialogue, { circumstances = {}, ...readout }: Readout): boolean {
  const { blockCheck, borneOut } = circumstances;
  if (blockCheck !== 'absent' || borneOut !== undefined || settings.blockCheck === 'none') return false;
  return isVouchedFor({ ...readout, circumstances });
}

function judged(readout: Readout, borneOut: boolean, note: string): Readout {
  const { circumstances = {} } = readout;
  const notes = (circumstances.notes ?? []).filter((each) => each !== NO_CHECK);
  return { ...readout, circumstances: { ...circumstances, borneOut, notes: [...notes, note] } };
}
