/** A reduced OBIS code `A-B:C.D.E*F` (IEC 62056-61); a part that was not stated is absent, never invented. */
export interface ObisCode {
  /** Medium: 0 abstract, 1 electricity, 4 heat cost, 5 cooling, 6 heat, 7 gas, 8 cold water, 9 hot water. */
  readonly a?: number;
  readonly b?: number;
  readonly c: number;
  readonly d?: number;
  readonly e?: number;
  readonly f?: number;
  /** `&` before F: the value was stored by a manual reset; `*`: automatically. */
  readonly reset?: 'manual' | 'automatic';
  /** COSEM attribute behind a comma, as ZPA writes it: `52.6.0,5` is the capture time of `52.6.0`. */
  readonly attribute?: number;
}

export type ObisMedium = 'electricity' | 'heat cost' | 'cooling' | 'heat' | 'gas' | 'cold water' | 'hot water';

const PATTERN =
  /^(?:(\d{1,3})-)?(?:(\d{1,3}):)?(?:(\d{1,3}|[CFLP])\.(\d{1,3}|F)(?:\.(\d{1,3}))?|(FF|F))(?:([*&])(\d{1,3}))?(?:,(\d{1,2}))?$/;

/** Letters of the older EDIS form for service, error, list and profile codes. */
const letters: Readonly<Record<string, number>> = { C: 96, F: 97, L: 98, P: 99 };

/** Parses a code with any of A, B, E and F missing; undefined for anything else ("1-1:30D"), which stays an opaque address. */
export function parseObis(text: string): ObisCode | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, a, b, groupC, groupD, e, alone, mark, f, attribute] = match;
  // Assigned one by one: codes are parsed for every figure of every record that is looked at.
  const code: { -readonly [Part in keyof ObisCode]: ObisCode[Part] } = { c: groupC === undefined ? 97 : group(groupC) };
  if (a !== undefined) code.a = Number(a);
  if (b !== undefined) code.b = Number(b);
  if (alone === 'FF') code.d = 97;
  else if (groupD !== undefined) code.d = group(groupD);
  if (e !== undefined) code.e = Number(e);
  if (f !== undefined) {
    code.f = Number(f);
    code.reset = mark === '&' ? 'manual' : 'automatic';
  }
  if (attribute !== undefined) code.attribute = Number(attribute);
  const { a: medium = 0, b: channel = 0, c, d = 0, e: tariff = 0, f: storage = 0 } = code;
  return Math.max(medium, channel, c, d, tariff, storage) > 255 ? undefined : code;
}

function group(text: string): number {
  return letters[text] ?? Number(text);
}

/** The code in digits, with exactly the parts it states: "1-0:1.8.0*255", "97.97", "1.8.1&7". The attribute is left out. */
export function formatObis({ a, b, c, d, e, f, reset }: ObisCode): string {
  let text = '';
  if (a !== undefined) text += `${String(a)}-`;
  if (b !== undefined) text += `${String(b)}:`;
  text += String(c);
  if (d !== undefined) text += `.${String(d)}`;
  if (e !== undefined) text += `.${String(e)}`;
  if (f !== undefined) text += `${reset === 'manual' ? '&' : '*'}${String(f)}`;
  return text;
}
