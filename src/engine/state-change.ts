/**
 * What changed between two states, so that not the whole of it travels to every window: a list of 64 meters is many
 * kilobytes, and a single reading changes the state a dozen times.
 */
export type StateChange =
  | { readonly set: unknown }
  /** Members that changed, with what became of them; undefined: gone. */
  | { readonly members: readonly (readonly [string, StateChange | undefined])[] }
  | { readonly items: readonly (readonly [number, StateChange])[]; readonly length: number };

/** Undefined where nothing has changed. Both are plain data without cycles. */
export function changeBetween(before: unknown, after: unknown): StateChange | undefined {
  if (Object.is(before, after)) return undefined;
  if (isList(before) && isList(after)) {
    const items = after.flatMap((item, i): [number, StateChange][] => {
      const change = i < before.length ? changeBetween(before[i], item) : { set: item };
      return change ? [[i, change]] : [];
    });
    return items.length === 0 && before.length === after.length ? undefined : { items, length: after.length };
  }
  if (isPlain(before) && isPlain(after)) {
    const members = Object.keys(after).flatMap((key): [string, StateChange][] => {
      const change = Object.hasOwn(before, key) ? changeBetween(before[key], after[key]) : { set: after[key] };
      return change ? [[key, change]] : [];
    });
    const gone = Object.keys(before).flatMap((key) => (Object.hasOwn(after, key) ? [] : [[key, undefined] as const]));
    return members.length + gone.length === 0 ? undefined : { members: [...members, ...gone] };
  }
  return { set: after };
}

/** What was, with the change made. What did not change stays the same object. */
export function applyChange(before: unknown, change: StateChange): unknown {
  if ('set' in change) return change.set;
  if ('items' in change) {
    const list = isList(before) ? before.slice(0, change.length) : [];
    for (const [i, itemChange] of change.items) list[i] = applyChange(list[i], itemChange);
    return list;
  }
  const members = new Map(Object.entries(isPlain(before) ? before : {}));
  for (const [key, memberChange] of change.members) {
    if (memberChange) members.set(key, applyChange(members.get(key), memberChange));
    else members.delete(key);
  }
  return Object.fromEntries(members);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
