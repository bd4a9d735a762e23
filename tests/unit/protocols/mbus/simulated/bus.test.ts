import { describe, expect, it } from 'vitest';
import type { PortEvent } from '../../../../../src/line/port.ts';
import { toHex } from '../../../../../src/common/bytes.ts';
import { formatDecimal } from '../../../../../src/common/decimal.ts';
import { parseMbusAddress } from '../../../../../src/protocols/mbus/address.ts';
import { decodeMbus } from '../../../../../src/protocols/mbus/decode.ts';
import { encodeFrame } from '../../../../../src/protocols/mbus/frame.ts';
import * as messages from '../../../../../src/protocols/mbus/messages.ts';
import { readMbus } from '../../../../../src/protocols/mbus/session.ts';
import { mbusSettings } from '../../../../../src/protocols/mbus/settings.ts';
import type { Fault } from '../../../../../src/simulator/faults.ts';
import { mbusBus } from '../../../../../src/protocols/mbus/simulated/bus.ts';
import { mbusSimulated } from '../../../../../src/protocols/mbus/simulated/index.ts';
import '../../../../../src/protocols/mbus/simulated/meters.ts';
import type { MbusMeterSpec } from '../../../../../src/protocols/mbus/simulated/slave.ts';
import { simulatedPort } from '../../../../../src/simulator/simulated-port.ts';
import { portTo } from '../../../simulator/host.ts';
import {
  bcdRecord,
  dateRecord,
  dateTimeRecord,
  integerRecord,
  textRecord,
} from '../../../../../src/protocols/mbus/simulated/records.ts';
import { openLine } from '../../../../../src/line/open-line.ts';
import { virtualClock } from '../../../../../src/simulator/virtual-clock.ts';
import { meter } from '../bus.ts';

/** A host by hand: frames out, and what comes back within two seconds as hex; `!` stands for a line error. */
async function ask(
  meters: readonly MbusMeterSpec[],
  requests: readonly Uint8Array[],
  faults: readonly Fault[] = [],
  baudRate = 2400,
): Promise<readonly string[]> {
  const clock = virtualClock();
  const port = portTo(mbusBus(meters), clock, () => new Set(faults));
  let heard = '';
  port.listen((event: PortEvent) => {
    if (event.kind === 'data') heard += toHex(event.bytes);
    else if (event.kind !== 'ready') heard += '!';
  });
  const answers: string[] = [];
  const run = async () => {
    await port.open({ baudRate, dataBits: 8, stopBits: 1, parity: 'even' });
    for (const request of requests) {
      await port.write(request);
      await clock.sleep(2000);
      answers.push(heard);
      heard = '';
    }
    await port.close();
  };
  await clock.run(run());
  return answers;
}

const { sndNke, reqUd2, reqUd1, selectSlave, setPrimaryAddress, switchBaudRate, applicationReset } = messages;
const select = (identification: string, more: object = {}) => selectSlave({ identification, ...more });
const one = meter('12345678', { primaryAddress: 5 });
const three = meter('87654321', {
  primaryAddress: 9,
  telegrams: () => [1, 2, 3].map((n) => bcdRecord([0x13], n)),
});
/** Access number, status, and what follows of a frame without header: enough to tell telegrams apart. */
const volume = (frame: string | undefined) => /0C13(\d{8})/.exec(frame ?? '')?.[1];

describe('a slave', () => {
  it('answers the link reset at its address, at 254, and not at 255 or elsewhere', async () => {
    expect(await ask([one], [sndNke(5), sndNke(254), sndNke(255), sndNke(6), sndNke(253)])).toEqual([
      'E5',
      'E5',
      '',
      '',
      '',
    ]);
  });

  it('steps through its telegrams with the frame count bit and repeats for the same bit', async () => {
    const requests = [
      sndNke(9),
      reqUd2(9, 1),
      reqUd2(9, 0),
      reqUd2(9, 0),
      reqUd2(9, 1),
      reqUd2(9, 0),
      sndNke(9),
      reqUd2(9, 1),
    ];
    const [, a, b, again, c, wrapped, , first] = await ask([three], requests);
    expect([a, b, again, c, wrapped, first].map(volume)).toEqual(
      ['1', '2', '2', '3', '1', '1'].map((n) => `0${n}000000`),
    );
    expect(again).toBe(b);
    expect([a, b, c].map((frame) => frame?.endsWith('1F', frame.length - 4))).toEqual([true, true, false]);
  });

  it('starts anew after an application reset, and acknowledges REQ_UD1', async () => {
    const [, , reset, , alarm] = await ask(
      [three],
      [reqUd2(9, 1), reqUd2(9, 0), applicationReset(9, 1), reqUd2(9, 1), reqUd1(9, 1)],
    );
    expect([reset, alarm]).toEqual(['E5', 'E5']);
  });

  it('is selected by what fits and deselected by what does not, by 253 and by nothing else', async () => {
    const [selected, data, other, gone] = await ask(
      [one, three],
      [select('1234FFFF'), reqUd2(253, 1), select('99FFFFFF'), reqUd2(253, 1)],
    );
    expect([selected, other, gone]).toEqual(['E5', '', '']);
    expect(data).toMatch(/^68/);
    const answers = await ask([one], [select('12345678'), sndNke(5), reqUd2(253, 1), sndNke(253), reqUd2(253, 1)]);
    expect(answers.map((answer) => answer.slice(0, 2))).toEqual(['E5', 'E5', '68', 'E5', '']);
  });

  it('compares manufacturer, version, medium and fabrication number, each with its wildcard', async () => {
    const full = meter('12345678', { version: 3, medium: 6, fabrication: '00112233' });
    const fitting = [{ manufacturer: 'OHU' }, { version: 3 }, { medium: 6 }, { fabrication: '0011223F' }];
    const other = [{ manufacturer: 'KAM' }, { version: 4 }, { medium: 7 }, { fabrication: '00112234' }];
    expect(
      await ask(
        [full],
        fitting.map((mask) => select('12345678', mask)),
      ),
    ).toEqual(['E5', 'E5', 'E5', 'E5']);
    expect(
      await ask(
        [full],
        other.map((mask) => select('12345678', mask)),
      ),
    ).toEqual(['', '', '', '']);
    expect(
      await ask([full], [messages.selectSlave({ identification: '1234FFFF', manufacturer: 'OHU' }, true)]),
    ).toEqual(['E5']);
    expect(await ask([one], [select('12345678', { fabrication: 'FFFFFFFF' })])).toEqual(['']);
  });

  it('takes a new primary address and a new rate; the acknowledgment still comes at the old one', async () => {
    const [set, old, fresh] = await ask([one], [setPrimaryAddress(5, 17), sndNke(5), sndNke(17)]);
    expect([set, old, fresh]).toEqual(['E5', '', 'E5']);
    expect(await ask([one], [switchBaudRate(5, 300), sndNke(5)])).toEqual(['E5', '']);
    expect(await ask([{ ...one, baudRate: 300 }], [sndNke(5)], [], 300)).toEqual(['E5']);
    expect(await ask([{ ...one, baudRate: 300 }], [sndNke(5)])).toEqual(['']);
  });

  it('sends the fixed structure, and an application error where it has one', async () => {
    const units = Uint8Array.of(0x29, 0x29, 1, 0, 0, 0, 2, 0, 0, 0);
    const fixed = meter('12345678', { primaryAddress: 5, structure: 'fixed', telegrams: () => [units] });
    const [data] = await ask([fixed], [reqUd2(5, 1)]);
    expect(data).toMatch(/^6813136808057378563412/);
    expect(decodeMbus({ identification: '', data: data ?? '' }).length).toBeGreaterThan(2);
    const [error] = await ask([{ ...one, applicationError: 8 }], [reqUd2(5, 1)]);
    expect(error).toBe('68040468080570' + '08' + '8516');
  });

  it('does not answer what is broken on the way', async () => {
    const broken = encodeFrame({ kind: 'short', control: 0x40, address: 5 });
    broken[3] = 0;
    expect(await ask([one], [broken, sndNke(5)])).toEqual(['', 'E5']);
  });
});

describe('many on one wire', () => {
  const apart = (a: number, b: number) => [
    { ...one, primaryAddress: 1, reactionMs: a },
    { ...three, primaryAddress: 1, reactionMs: b },
  ];

  it('equal acknowledgments at the same time are one clean E5', async () => {
    expect(await ask(apart(20, 20), [sndNke(1)])).toEqual(['E5']);
  });

  it('acknowledgments a bit apart garble each other, bit by bit as wired-and', async () => {
    const bit = 1000 / 2400;
    const [garbled] = await ask(apart(20, 20 + 2 * bit), [sndNke(1)]);
    // E5 is 0 10100111 1 1 on the wire, parity and stop included: low wherever one of the two is low.
    expect(garbled).not.toBe('E5');
    expect(garbled).not.toBe('');
    expect(await ask(apart(20, 60), [sndNke(1)])).toEqual(['E5E5']);
  });

  it('data at the same time is garbage', async () => {
    const [both] = await ask(apart(20, 20), [reqUd2(1, 1)]);
    const [alone] = await ask([one], [reqUd2(5, 1)]);
    expect(both).not.toBe('');
    expect(both?.length).not.toBe(alone?.length);
  });

  it('a meter that is still sending hears nothing', async () => {
    const clock = virtualClock();
    const port = portTo(mbusBus([{ ...one, reactionMs: 20 }]), clock, () => new Set());
    let heard = 0;
    port.listen((event) => {
      if (event.kind === 'data') heard += event.bytes.length;
    });
    const run = async () => {
      await port.open({ baudRate: 2400, dataBits: 8, stopBits: 1, parity: 'even' });
      await port.write(reqUd2(5, 1));
      await clock.sleep(100);
      await port.write(reqUd2(5, 1));
      await clock.sleep(3000);
    };
    await clock.run(run());
    const [alone] = await ask([one], [reqUd2(5, 1)]);
    expect(heard).toBe((alone?.length ?? 0) / 2);
  });
});

describe('faults', () => {
  it('silent, echo, garbage before the answer', async () => {
    expect(await ask([one], [sndNke(5)], ['silent'])).toEqual(['']);
    expect(await ask([one], [sndNke(5)], ['echo'])).toEqual(['1040054516E5']);
    expect(await ask([one], [sndNke(5)], ['garbage-before-answer'])).toEqual(['00FFE5']);
  });

  it('a wrong checksum once, right when asked again with the same bit', async () => {
    const [bad, good] = await ask([one], [reqUd2(5, 1), reqUd2(5, 1)], ['wrong-bcc-once']);
    expect(bad).not.toBe(good);
    expect(bad?.slice(0, -4)).toBe(good?.slice(0, -4));
    const [first, second] = await ask([one], [reqUd2(5, 1), reqUd2(5, 1)], ['wrong-bcc']);
    expect(first).toBe(second);
  });

  it('stops or pauses in the middle, sends odd parity', async () => {
    const [whole] = await ask([one], [reqUd2(5, 1)]);
    const [half] = await ask([one], [reqUd2(5, 1)], ['stops-in-mid-readout']);
    expect(whole?.startsWith(half ?? '-')).toBe(true);
    expect(half?.length).toBeLessThan((whole?.length ?? 0) * 0.6);
    expect((await ask([one], [sndNke(5)], ['wrong-parity']))[0]).toBe('!');
    expect((await ask([one], [reqUd2(5, 1)], ['noise']))[0]).not.toBe('');
  });
});

describe('records', () => {
  const only = (record: Uint8Array) => {
    const head = { kind: 'long', control: 0x08, address: 1, controlInformation: 0x78 } as const;
    const [reading] = decodeMbus({ identification: '', data: toHex(encodeFrame({ ...head, data: record })) });
    return reading;
  };

  it('are what the decoder reads', () => {
    expect(only(bcdRecord([0x13], 12_345))).toMatchObject({ unit: 'm³' });
    const value = only(bcdRecord([0x13], 12_345))?.value;
    expect(value?.type === 'number' ? formatDecimal(value.decimal) : value).toBe('12.345');
    expect(only(bcdRecord([0x06], 5, { storage: 37, tariff: 5, subunit: 3 }))).toMatchObject({
      storage: 37,
      tariff: 5,
      subunit: 3,
    });
    expect(only(bcdRecord([0x2d], 5, { function: 1 }, 6))).toMatchObject({ kind: 'maximum' });
    const below = only(integerRecord([0x5a], -5, 2))?.value;
    expect(below?.type === 'number' ? formatDecimal(below.decimal) : below).toBe('-0.5');
    expect(only(textRecord([0xfd, 0x11], 'ABC'))?.value).toEqual({ type: 'text', text: 'ABC' });
    const time = Date.UTC(2026, 0, 14, 9, 15);
    expect(JSON.stringify(only(dateTimeRecord(time))?.value)).toMatch(/2026-01-14.10:15/);
    expect(JSON.stringify(only(dateRecord(time))?.value)).toMatch(/2026-01-14/);
  });
});

/** What only grows. */
const COUNTED = ['Energy', 'Volume'];

describe('the catalog', () => {
  it.each(mbusSimulated.map((bus) => [bus.id, bus]))(
    '%s: its address reads, and an hour later more',
    async (_id, bus) => {
      const clock = virtualClock();
      const port = simulatedPort(bus, clock, () => new Set());
      const read = async () => {
        const address = parseMbusAddress(bus.address ?? '');
        const line = await openLine(port, { clock, baudRate: address.baudRate, framing: '8E1' });
        const { errorCode, data } = await readMbus(line, address, mbusSettings(bus.settings ?? {}), {});
        await line.close();
        expect(errorCode).toBe(0);
        const register = decodeMbus({ identification: '', data }).find(({ quantity }) =>
          COUNTED.includes(quantity),
        )?.value;
        return register?.type === 'number' ? Number(formatDecimal(register.decimal)) : NaN;
      };
      const first = await clock.run(read());
      await clock.run(clock.sleep(6 * 3_600_000));
      const later = await clock.run(read());
      expect(later).toBeGreaterThan(first);
    },
  );
});
