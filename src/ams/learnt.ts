import type { Values } from '../common/form.ts';

/** What dialogues teach of a meter: that it stays at its first rate, and when that was seen. */
const learntKeys: readonly string[] = ['staysAtFirstRate', 'learnedAt'];

/** Earlier versions kept in one table what was learnt of a meter and what a person had set. */
export function separated(learned: Values): { readonly settings?: Values; readonly learnt?: Values } {
  const part = (isLearnt: boolean) =>
    Object.fromEntries(Object.entries(learned).filter(([key]) => learntKeys.includes(key) === isLearnt));
  return { settings: part(false), learnt: part(true) };
}
