/** The inputs there are. Apart, because a form needs them before anything is read. */
export const INPUTS = [1, 2, 3] as const;
export type InputNumber = (typeof INPUTS)[number];
