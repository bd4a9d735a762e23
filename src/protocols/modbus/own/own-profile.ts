import { typedSettings } from '../../../common/form.ts';
import type { ProfileDraft } from '../../profile-book.ts';
import { wordsOf, WORD_ORDERS, type NumberType, type WordOrder } from '../numbers.ts';
import type { OwnProfile, PlannedFigure, Sign } from '../profiles/profile.ts';
import { headForm, registerForm, signForm } from './forms.ts';

/** What a draft without faults means. @param digest of its text */
export function ownProfileFrom(draft: ProfileDraft, digest: string): OwnProfile {
  const { name = '', baudRate, framing, most, remark, says } = typedSettings(headForm, draft.values);
  return {
    model: name,
    revision: digest,
    baudRate,
    framing,
    most,
    ...(remark ? { remark } : {}),
    ...(says ? { saysOfItself: literally(says) } : {}),
    signs: signsIn(draft),
    figures: registersIn(draft),
  };
}

/** In the order of the rows. */
export function registersIn({ values, lists }: ProfileDraft): readonly PlannedFigure[] {
  const { order: usual } = typedSettings(headForm, values);
  return (lists['registers'] ?? []).map((row): PlannedFigure => {
    const { function: command, name = '', unit = '', scale, ...rest } = typedSettings(registerForm, row);
    const { address = '', order = usual, invalid, obis = '', note } = rest;
    const type = rest.type as NumberType; // one of the choices, which are those of numbers.ts
    const [, kind, tariff] = obis.split('.').map(Number);
    return {
      command,
      address: addressOf(address),
      words: wordsOf(type),
      type,
      order: orderOf(order),
      scale,
      text: name,
      obis,
      unit,
      // Of energies the last number is the tariff.
      tariff: kind === 8 && tariff !== undefined && tariff < 64 ? tariff : 0,
      ...(invalid ? { invalid: invalid.replaceAll(/\s/g, '').toLowerCase() } : {}),
      ...(note ? { note } : {}),
    };
  });
}

export function signsIn({ lists }: ProfileDraft): readonly Sign[] {
  return (lists['signs'] ?? []).map((row): Sign => {
    const { function: command, address = '', count, text, words } = typedSettings(signForm, row);
    return {
      command,
      address: addressOf(address),
      count,
      ...(text ? { text: literally(text) } : {}),
      ...(words ? { words: words.split(',').map((word) => Number.parseInt(word, 16)) } : {}),
    };
  });
}

const addressOf = (text: string) => Number.parseInt(text, 16);
const orderOf = (text: string): WordOrder => WORD_ORDERS.find((order) => order === text) ?? 'ABCD';

/** What somebody writes is no pattern: it could be made to take for ever. */
const literally = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
