import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portSettings } from '../../../src/line/framing.ts';
import type { Framing } from '../../../src/line/framing.ts';
import { firstCharacter, transmission } from '../../../src/simulator/uart.ts';
import type { ReceivedCharacter } from '../../../src/simulator/uart.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { channel } from '../../../src/simulator/wire.ts';

function receivedAt(sentRate: number, bytes: Uint8Array, receiverRate: number, framing: Framing = '8N1') {
  const line = [transmission(bytes, portSettings(framing, sentRate), 100)];
  const characters: ReceivedCharacter[] = [];
  for (let from = 0; ;) {
    const character = firstCharacter(line, from, portSettings(framing, receiverRate));
    if (!character) return characters;
    characters.push(character);
    from = character.ready;
  }
}

const bytesOf = (characters: readonly ReceivedCharacter[]) => characters.map(({ byte }) => byte);

describe('uart', () => {
  it('receives every byte at the same rate in every framing', () => {
    const framings = fc.constantFrom<Framing>('8N1', '8E1', '8O1', '8N2');
    const rates = fc.constantFrom(300, 600, 2400, 9600, 19200, 115200);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), framings, rates, (bytes, framing, rate) => {
        const received = receivedAt(rate, bytes, rate, framing);
        expect(bytesOf(received)).toEqual([...bytes]);
        expect(received.every(({ parityOk, stopOk }) => parityOk && stopOk)).toBe(true);
      }),
    );
  });

  it('forgives 3 % and not 8 %', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, index) => index * 4 + 1);
    expect(bytesOf(receivedAt(9600, bytes, 9600 * 1.03))).toEqual([...bytes]);
    expect(bytesOf(receivedAt(9600, bytes, 9600 / 1.03))).toEqual([...bytes]);
    expect(bytesOf(receivedAt(9600, bytes, 9600 * 1.08))).not.toEqual([...bytes]);
  });

  it('gives a slow receiver fewer and a fast one more characters, none of them right', () => {
    const text = new TextEncoder().encode('1.8.0(000265.057*kWh)\r\n1.8.1(000000.597*kWh)');
    const slow = receivedAt(9600, text, 300);
    const fast = receivedAt(300, text, 9600);
    expect(slow.length).toBeGreaterThan(0);
    expect(slow.length).toBeLessThan(text.length / 10);
    expect(fast.length).toBeGreaterThan(text.length);
    expect(fast.some(({ stopOk }) => !stopOk)).toBe(true);
    expect(bytesOf(receivedAt(300, text, 9600))).toEqual(bytesOf(fast));
  });

  it('sees 7E1 of a chip as eight bits with the parity in bit 7', () => {
    const line = [transmission(new TextEncoder().encode('/?!'), portSettings('7E1 hardware', 300), 0)];
    const first = firstCharacter(line, 0, portSettings('8N1', 300));
    expect(first?.byte).toBe(0xaf);
    expect(first?.end).toBeCloseTo(100 / 3, 9);
  });

  it('tells wrong parity', () => {
    const line = [transmission(Uint8Array.of(0x41), portSettings('8E1', 9600), 0)];
    expect(firstCharacter(line, 0, portSettings('8O1', 9600))?.parityOk).toBe(false);
  });

  it('mixes two senders: low wins', () => {
    const settings = portSettings('8N1', 300);
    const line = [transmission(Uint8Array.of(0xf0), settings, 0), transmission(Uint8Array.of(0x3c), settings, 0)];
    expect(firstCharacter(line, 0, settings)?.byte).toBe(0xf0 & 0x3c);
  });
});

describe('channel', () => {
  const settings = portSettings('8N1', 300);
  const character = 10_000 / 300;

  function recorder(latencyMs = 0) {
    const clock = virtualClock();
    const got: { at: number; bytes: number[] }[] = [];
    const wire = channel(clock, {
      latencyMs,
      onReceived: (characters) => got.push({ at: clock.monotonic(), bytes: bytesOf(characters) }),
    });
    return { clock, got, wire, sender: wire.sender(), wait: (ms: number) => clock.run(clock.sleep(ms)) };
  }

  it('delivers each character when its stop bit ends, to the millisecond', async () => {
    const { got, wire, sender, wait } = recorder();
    wire.listen(settings);
    await wait(7);
    expect(sender.send(Uint8Array.of(1, 2, 3), settings)).toBeCloseTo(107, 6);
    await wait(200);
    expect(got.map(({ bytes }) => bytes)).toEqual([[1], [2], [3]]);
    got.forEach(({ at }, index) => expect(at).toBeCloseTo(7 + (index + 1) * character, 6));
  });

  it('gathers what comes within the latency', async () => {
    const { got, wire, sender, wait } = recorder(16);
    const fast = portSettings('8N1', 9600);
    wire.listen(fast);
    sender.send(
      Uint8Array.from({ length: 40 }, (_, index) => index),
      fast,
    );
    await wait(100);
    expect(got.flatMap(({ bytes }) => bytes)).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(got.length).toBe(3);
    expect(got[0]?.at).toBeCloseTo(10_000 / 9600 + 16, 6);
  });

  it('queues behind what the same sender is still sending', async () => {
    const { got, wire, sender, wait } = recorder();
    wire.listen(settings);
    sender.send(Uint8Array.of(1), settings);
    sender.send(Uint8Array.of(2), settings);
    await wait(200);
    expect(got[1]?.at).toBeCloseTo(2 * character, 6);
  });

  it('loses the characters during which nobody listens, and the one in the air', async () => {
    const { got, wire, sender, wait } = recorder();
    wire.listen(settings);
    sender.send(Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55), settings);
    await wait(40);
    wire.listen(undefined);
    await wait(30);
    wire.listen(settings);
    await wait(200);
    // 0x22 fell into the pause, 0x33 (66.7–100 ms) was in the air at 70 ms.
    expect(got.flatMap(({ bytes }) => bytes)).toEqual([0x11, 0x44, 0x55]);
  });

  it('loses what has not left when the sender is cut', async () => {
    const { got, wire, sender, wait } = recorder();
    wire.listen(settings);
    sender.send(Uint8Array.of(0x41, 0x42, 0x00, 0x44), settings);
    await wait(70);
    sender.cut();
    await wait(200);
    // The third character was cut in its start bit: the rest of it is idle line.
    expect(got.flatMap(({ bytes }) => bytes)).toEqual([0x41, 0x42, 0xff]);
  });
});
