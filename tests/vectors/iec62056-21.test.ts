import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toLatin1 } from '../../src/common/bytes.ts';
import { decimalToNumber } from '../../src/common/decimal.ts';
import type { Reading } from '../../src/common/reading.ts';
import { dataMessageReceiver } from '../../src/protocols/iec62056-21/data-message.ts';
import type { DataMessage, DataMessageOptions } from '../../src/protocols/iec62056-21/data-message.ts';
import { parseDataBlock } from '../../src/protocols/iec62056-21/data-set.ts';
import { renderDataBlock } from '../unit/protocols/iec62056-21/render-data-block.ts';
import { decodeIec } from '../../src/protocols/iec62056-21/decode.ts';
import { identificationReceiver } from '../../src/protocols/iec62056-21/identification.ts';
import type { IdentificationMessage } from '../../src/protocols/iec62056-21/identification.ts';
import { thirdParty } from './third-party.ts';

interface Capture {
  readonly id: string;
  readonly kind: string;
  readonly hex: string;
  readonly derived: {
    readonly ident?: {
      readonly manufacturer: string;
      readonly baud_char: string;
      readonly identification: string;
      readonly escapes: readonly string[];
      readonly fast_reaction_20ms: boolean;
    };
    readonly datasets: readonly { readonly address: string }[];
    readonly n_datasets: number;
    readonly bcc?: { readonly received?: string; readonly ok?: boolean };
    readonly dsmr_crc16?: { readonly ok: boolean };
    readonly sum7?: { readonly ok: boolean };
  };
  readonly expected_by_source?: { readonly values_checked: readonly string[] } | null;
}

const vectors = thirdParty<{ readonly records: readonly Capture[] }>('iec62056-21-captures.json');
const captures = vectors?.content.records ?? [];
/** Some captures may not stand in the project. */
const isWhole = vectors?.isWhole ?? false;

interface Received {
  readonly identification?: IdentificationMessage;
  readonly head: Uint8Array;
  readonly messages: readonly DataMessage[];
}

/** As a session would: the identification where there is one, then messages until the bytes are used up. */
function receive(bytes: Uint8Array, blockCheck: DataMessageOptions['blockCheck'] = 'strict'): Received {
  let at = 0;
  let identification: IdentificationMessage | undefined;
  if (/\/[A-Za-z]{3}/.test(toLatin1(bytes))) {
    const receiver = identificationReceiver();
    while (at < bytes.length && receiver.accept(bytes[at++] ?? 0, true) !== 'done');
    identification = receiver.message();
  }
  const head = bytes.subarray(0, at);
  const messages: DataMessage[] = [];
  while (at < bytes.length) {
    const data = dataMessageReceiver({
      blockCheck,
      ...(identification && messages.length === 0 ? { preamble: identification.raw } : {}),
    });
    while (at < bytes.length && data.accept(bytes[at++] ?? 0, true) !== 'done');
    messages.push(data.result());
  }
  return { ...(identification ? { identification } : {}), head, messages };
}

function bytesOf({ hex }: Capture): Uint8Array {
  const bytes = fromHex(hex);
  if (!bytes) throw new Error('the capture is not hexadecimal');
  return bytes;
}

const byId = (id: string): Uint8Array => {
  const capture = captures.find((candidate) => candidate.id === id);
  if (!capture) throw new Error(`no capture ${id}`);
  return bytesOf(capture);
};

function numberOf({ value }: Reading): number {
  return value.type === 'number' ? decimalToNumber(value.decimal) : value.type === 'text' ? Number(value.text) : NaN;
}

const readouts = captures.filter(
  ({ kind }) => /readout|push|table|profile|log book|historical|register/i.test(kind) && !kind.startsWith('HHU->meter'),
);

describe('captures of real meters', () => {
  it('are there', () => {
    expect(readouts.length).toBeGreaterThanOrEqual(isWhole ? 60 : 11);
  });

  it.each(readouts)('$id: nothing is lost', (capture) => {
    const bytes = bytesOf(capture);
    const { head, messages } = receive(bytes);
    const rendered = messages.map(({ raw, range, block }) => {
      const items = parseDataBlock(block);
      return (
        toLatin1(raw.subarray(0, range.start)) + renderDataBlock(items) + toLatin1(raw.subarray(range.end, raw.length))
      );
    });
    expect(toLatin1(head) + rendered.join('')).toBe(toLatin1(bytes));
    expect(toLatin1(concatBytes(head, ...messages.map(({ raw }) => raw)))).toBe(toLatin1(bytes));
  });

  it.each(readouts)('$id: the same data sets', ({ derived, ...capture }) => {
    const { messages } = receive(bytesOf({ ...capture, derived }));
    const sets = parseDataBlock(messages[0]?.block ?? '').filter((item) => item.kind === 'data set');
    expect(sets).toHaveLength(derived.n_datasets);
    // The collector took control characters and what stands before an address into it.
    const addresses = derived.datasets.map(({ address }) => address.replace(/^[^!-~]+/, ''));
    expect(sets.map(({ address }) => address)).toEqual(addresses);
  });

  it.each(readouts.filter(({ derived }) => derived.ident))('$id: the same identification', (capture) => {
    const { ident } = capture.derived;
    expect(receive(bytesOf(capture)).identification).toMatchObject({
      manufacturer: ident?.manufacturer,
      baudCharacter: ident?.baud_char,
      identification: ident?.identification,
      escapes: ident?.escapes,
      fastReaction: ident?.fast_reaction_20ms,
    });
  });

  const checked = readouts.filter(({ derived }) => derived.bcc?.ok !== undefined || derived.dsmr_crc16);
  it.each(checked)('$id: the same verdict on the block check', (capture) => {
    const ok = capture.derived.bcc?.ok ?? capture.derived.dsmr_crc16?.ok;
    const [message] = receive(bytesOf(capture)).messages;
    expect(message?.blockCheck).toBe(ok ? 'ok' : 'bad');
    expect(message?.errorCode).toBe(ok ? 0 : 66053);
    expect(receive(bytesOf(capture), 'warn').messages[0]?.blockCheck).toBe(ok ? 'ok' : 'bad');
  });

  const expected = readouts.filter(({ expected_by_source: source }) => source && source.values_checked.length > 0);
  it.each(expected)('$id: the values its source expects', (capture) => {
    const readings = receive(bytesOf(capture)).messages.flatMap(({ block }) =>
      decodeIec({ identification: '', data: block }),
    );
    const values = readings.map(numberOf);
    for (const value of capture.expected_by_source?.values_checked ?? []) expect(values).toContain(Number(value));
  });

  it.each(readouts)('$id: every value becomes a reading inside the block', (capture) => {
    for (const { block } of receive(bytesOf(capture)).messages) {
      const readings = decodeIec({ identification: '', data: block });
      for (const { source, label, value } of readings) {
        expect(source.start).toBeLessThan(source.end);
        expect(source.end).toBeLessThanOrEqual(block.length);
        expect(label).not.toBe('');
        if (value.type === 'text') expect(block.slice(source.start, source.end)).toContain(value.text);
      }
      const sets = parseDataBlock(block).filter((item) => item.kind === 'data set');
      if (sets.length > 0) expect(readings.length).toBeGreaterThan(0);
    }
  });

  it.skipIf(!isWhole)('Energomera and Kamstrup use a seven-bit sum (skipped where ../shared/vectors is absent)', () => {
    expect(receive(byId('iec-012'), 'sum7').messages[0]?.blockCheck).toBe('ok');
    expect(receive(byId('iec-012')).messages[0]?.deviations.join()).toContain('7-bit sum');
    expect(receive(byId('iec-111'), 'sum7').messages[0]?.blockCheck).toBe('ok');
    expect(receive(byId('iec-111')).messages[0]?.blockCheck).toBe('bad');
  });

  it.skipIf(!isWhole)(
    'answers in programming mode end at ETX and BCC without an exclamation mark (skipped where ../shared/vectors is absent)',
    () => {
      const answers = captures.filter(({ id }) => ['iec-073', 'iec-074'].includes(id));
      expect(answers).toHaveLength(2);
      for (const capture of answers) {
        const [message] = receive(bytesOf(capture)).messages;
        expect(message).toMatchObject({ blockCheck: 'ok', errorCode: 0, framed: true, complete: true });
        expect(message?.block).toMatch(/^\(\d+\.\d+\*kWh\)$/);
      }
    },
  );
});
