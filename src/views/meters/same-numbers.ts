import type { MeterDraft } from '../../ams/meter.ts';
import { isPlateNumber, isSameNumber } from '../../common/meter-identity.ts';

/** A meter of a file, and the one that seems to be the same, in the list or further up in the file. */
export interface SameNumber {
  readonly draft: MeterDraft;
  readonly number: string;
  readonly other: { readonly number: string; readonly name: string };
}

/** Numbers that went through a spreadsheet have lost their leading zeros: they stand for the same meter all the same. */
export function sameNumbers(drafts: readonly MeterDraft[], list: readonly MeterDraft[]): readonly SameNumber[] {
  const known = list.flatMap(numbered);
  return drafts.flatMap((draft) => {
    const [own] = numbered(draft);
    if (!own) return [];
    const other = known.find(({ number }) => isSameNumber(number, own.number));
    known.push(own);
    return other ? [{ draft, number: own.number, other }] : [];
  });
}

/** "770041 – “House” has 00770041"; of many the first. */
export function sameNumberWords(found: readonly SameNumber[]): string {
  const words = found
    .slice(0, MOST_TOLD)
    .map(({ number, other }) => `${number} – ${other.name === '' ? 'another' : `“${other.name}”`} has ${other.number}`);
  const more = found.length > MOST_TOLD ? ` and ${found.length - MOST_TOLD} more` : '';
  return words.join('; ') + more;
}

const MOST_TOLD = 5;

/** The number on its plate, or that it is asked by; none where its address is only a place on a line. */
function numbered({ serialNumber = '', address, name = '' }: MeterDraft) {
  const asked = address.replace(/[@%/].*$/s, '').replace(/^\*/, '');
  const number = [serialNumber, asked].find((text) => isPlateNumber(text));
  return number === undefined ? [] : [{ number, name }];
}
