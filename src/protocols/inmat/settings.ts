import { typedSettings, type Values } from '../../common/form.ts';
import type { Framing } from '../../line/framing.ts';
import type { Letter, ValueType } from './address.ts';
import { inmatForm } from './form.ts';
import type { CheckSum } from './frame.ts';

/** The values of `inmatForm`, typed. */
export interface InmatSettings {
  readonly framing: Extract<Framing, '8E1' | '8N1' | '8O1' | '8N2'>;
  /** Our own address on the line. */
  readonly source: number;
  /** Longest wait for the first character of an answer. */
  readonly timeoutMs: number;
  /** Least rest of the line before a request, beside the 33 bits of the standard. */
  readonly turnaroundMs: number;
  /** How often a request without a good answer is sent again. */
  readonly retries: number;
  readonly profile: WireProfile;
}

export type ByteOrder = 'little' | 'big';

/** What is inferred of the wire, and was seen at no unit. */
export interface WireProfile {
  /** What is sent; either is taken. */
  readonly checkSum: CheckSum;
  readonly frameCount: boolean;
  readonly byteOrder: ByteOrder;
  /** Undefined: not known, and nothing is asked with it. */
  readonly functions: Readonly<Record<Letter, number | undefined>>;
  readonly types: Readonly<Record<ValueType, number>>;
  readonly good: number;
  readonly refusals: readonly number[];
}

export function inmatSettings(values: Values): InmatSettings {
  const all = typedSettings(inmatForm, values);
  const { framing, source, timeoutMs, turnaroundMs, retries, checkSum, frameCount, byteOrder } = all;
  // An emptied field is as if nobody had set it.
  const code = (text: string, otherwise: string) => Number.parseInt(text === '' ? otherwise : text, 16);
  const maybe = (text = '') => (text === '' ? undefined : Number.parseInt(text, 16));
  return {
    framing,
    source,
    timeoutMs,
    turnaroundMs,
    retries,
    profile: {
      checkSum,
      frameCount,
      byteOrder,
      functions: {
        S: maybe(all.functionS),
        M: maybe(all.functionM),
        E: maybe(all.functionE),
        B: maybe(all.functionB),
        I: maybe(all.functionI),
      },
      types: {
        I: code(all.typeI, '00'),
        L: code(all.typeL, '01'),
        F: code(all.typeF, '02'),
        S: code(all.typeS, '03'),
      },
      good: code(all.goodCode, '00'),
      refusals: (all.refusalCodes ?? '')
        .split(',')
        .filter((part) => part !== '')
        .map((part) => Number.parseInt(part, 16)),
    },
  };
}
