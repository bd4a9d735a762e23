/** What decode.bench.js runs, in Node and in Chromium alike. */
import { fromLatin1 } from '../../src/common/bytes.ts';
import { blockCheckCharacter } from '../../src/protocols/iec62056-21/block-check.ts';
import { dataMessageReceiver } from '../../src/protocols/iec62056-21/data-message.ts';
import { decodeIec } from '../../src/protocols/iec62056-21/decode.ts';

const ROUND_MS = 400;
const ROUNDS = 5;

/** Readouts a second. */
export interface DecodeRates {
  /** Characters of the wire to a data block with its check character verified. */
  readonly received: number;
  /** Stored data to readings with names, exact values and units. */
  readonly decoded: number;
  /** The yardstick: the same text cut by one regular expression into code, value and unit, nothing understood. */
  readonly cut: number;
  /** Readings of one readout. */
  readonly readings: number;
}

/** `data` as a meter sends it between STX and ETX, `!` CR LF at its end included. */
export function measureDecode(data: string): DecodeRates {
  const body = fromLatin1(`${data}\x03`);
  const message = Uint8Array.of(0x02, ...body, blockCheckCharacter(body));
  const receive = () => {
    const receiver = dataMessageReceiver({ blockCheck: 'strict' });
    for (const byte of message) receiver.accept(byte, true);
    return receiver.result();
  };
  const { block, blockCheck } = receive();
  if (blockCheck !== 'ok') throw new Error(`The readout has a check character that is ${blockCheck}.`);
  const decode = () => decodeIec({ identification: 'TEST', data: block });
  return {
    received: rate(receive),
    decoded: rate(decode),
    cut: rate(() => [...block.matchAll(/^([^(]*)\(([^*)]*)(?:\*([^)]*))?\)/gm)]),
    readings: decode().length,
  };
}

/** Times a second, the best of some rounds: what else the machine does can only slow it down. */
function rate(work: () => unknown): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    let done = 0;
    while (performance.now() - began < ROUND_MS) {
      for (let i = 0; i < 20; i++) work();
      done += 20;
    }
    best = Math.max(best, (done * 1000) / (performance.now() - began));
  }
  return best;
}
