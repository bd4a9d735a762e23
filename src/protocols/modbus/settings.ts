import { typedSettings, type Values } from '../../common/form.ts';
import type { Framing } from '../../line/framing.ts';
import { modbusForm } from './form.ts';
import { framingOfModel } from './models.ts';

/** The values of `modbusForm`, typed. */
export interface ModbusSettings {
  /** Whose registers they are; undefined: it is asked. */
  readonly model: string | undefined;
  readonly framing: Extract<Framing, '8N1' | '8E1' | '8N2' | '8O1'>;
  /** Somebody said so; else it is the model's. */
  readonly isFramingSet: boolean;
  /** Longest wait for the first character of an answer. */
  readonly timeoutMs: number;
  /** Least rest of the line before a request, beside the 3.5 characters of the standard. */
  readonly turnaroundMs: number;
  /** How often a request without a good answer is sent again. */
  readonly retries: number;
}

export function modbusSettings(values: Values): ModbusSettings {
  const { model, framing, ...rest } = typedSettings(modbusForm, values);
  return {
    ...rest,
    model: model === '' ? undefined : model,
    framing: framing ?? framingOfModel(model),
    isFramingSet: framing !== undefined,
  };
}

/** Bits of a character on the wire, by the standard. */
const CHARACTER_BITS = 11;

/** The rest of 3.5 characters that separates frames; above 19200 Bd it is fixed (Modbus over serial line 1.02, 2.5.1.1). */
export const frameRestMs = (baudRate: number): number =>
  baudRate > 19_200 ? 1.75 : (3.5 * CHARACTER_BITS * 1000) / baudRate;
