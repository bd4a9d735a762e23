/**
 * Is the answer one to what was asked for? A late answer to another command names another register. What names none is
 * taken for one, as is what cannot be compared: makes have names of their own.
 */
export function answersTo(asked: string, text: string): boolean {
  const wanted = codeOf(asked);
  const said = codeOf(/^\s*([^\s()]*)[ \t]*\(/.exec(text)?.[1] ?? '');
  if (!wanted || !said) return true;
  // `1-0:1.8.0*255` is asked for as 1.8.0, and 99.1.0 as P.01.
  const both = Math.min(wanted.groups.length, said.groups.length);
  return (
    wanted.groups.slice(0, both).every((group, i) => group === said.groups[i]) &&
    isSame(wanted.channel, said.channel) &&
    isSame(wanted.storage, said.storage)
  );
}

interface Code {
  readonly channel: string | undefined;
  /** C, D and, where it is named, E. */
  readonly groups: readonly number[];
  readonly storage: string | undefined;
}

/** The letters that stand for a number in C. */
const LETTERS: Readonly<Record<string, number>> = { C: 96, F: 97, L: 98, P: 99 };
const SHAPE = /^(?:(\d{1,3}-\d{1,3}):)?((?:\d{1,3}|[CFLP])(?:\.(?:\d{1,3}|[CFLP])){1,2})(?:[*&](\d{1,3}))?$/i;

function codeOf(address: string): Code | undefined {
  const [, channel, groups, storage] = SHAPE.exec(address) ?? [];
  if (groups === undefined) return undefined;
  const numbers = groups.split('.').map((group) => LETTERS[group.toUpperCase()] ?? Number(group));
  return { channel, groups: numbers, storage: storage === '255' ? undefined : storage };
}

const isSame = (one: string | undefined, other: string | undefined) =>
  one === undefined || other === undefined || one === other;
