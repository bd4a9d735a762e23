import { beforeEach, describe, expect, test } from 'vitest';
import { toHex } from '../../../src/common/bytes.ts';
import { CHANGES_KEY, type ChangeRequest, type UnknownChange } from '../../../src/engine/bus-api.ts';
import { createBusHandlers } from '../../../src/engine/bus.ts';
import { createPortRegistry, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { createTraceBook } from '../../../src/engine/traces.ts';
import type { ChangeResult, Plan } from '../../../src/protocols/change.ts';
import { mbus } from '../../../src/protocols/mbus/index.ts';
import { modbus } from '../../../src/protocols/modbus/index.ts';
import { createProtocols, type Protocols } from '../../../src/protocols/registry.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { changeBook, type TestedBook } from './change-book.ts';
import './loaded.ts';

const BEGAN = Date.UTC(2026, 10, 20, 10);

const changes = {
  MBUS: {
    portId: 'simulated:mbus-house',
    protocol: 'MBUS',
    id: 'primary address',
    address: '3',
    values: { newAddress: 77 },
    settings: {},
  },
  MODBUS: {
    portId: 'simulated:modbus-cabinet',
    protocol: 'MODBUS',
    id: 'register',
    address: '1@9600',
    values: { register: '0014', value: 7 },
    settings: {},
  },
} as const satisfies Record<string, ChangeRequest>;
const kinds = Object.keys(changes) as (keyof typeof changes)[];

let clock: VirtualClock;
let registry: PortRegistry;
let book: TestedBook;
/** Called with what goes onto the wire, before it does. */
let onWrite: (hex: string) => void;

beforeEach(async () => {
  clock = virtualClock(BEGAN);
  book = changeBook(clock);
  onWrite = () => undefined;
  const simulated = await simulatedPorts([mbus, modbus], clock, () => ({ faults: {} }));
  const ports = simulated.map((one) => ({
    ...one,
    port: {
      ...one.port,
      write(bytes: Uint8Array) {
        onWrite(toHex(bytes));
        return one.port.write(bytes);
      },
    },
  }));
  registry = createPortRegistry({ clock, present: () => ports, lost: () => [], onChange: () => undefined });
});

function ask(request: ChangeRequest, signal = new AbortController().signal, protocols?: Protocols) {
  const handlers = createBusHandlers({
    registry,
    protocols: protocols ?? createProtocols([mbus, modbus]),
    traces: createTraceBook(clock),
    changes: book,
    settings: { get: () => Promise.resolve(undefined) },
  });
  return clock.run(Promise.resolve(handlers.changeMeterItself(request, { signal, emit: () => undefined })));
}

async function planOf(request: ChangeRequest): Promise<Plan> {
  const { plan, message } = await ask(request);
  if (!plan) throw new Error(`not proved: ${message}`);
  return plan;
}

const stored = (disk = book.disk) => disk.get(CHANGES_KEY) as readonly UnknownChange[] | undefined;
const commandOf = ({ frames }: Plan) => frames.find(({ isCommand }) => isCommand)?.hex ?? '';

describe.each(kinds)('a change over %s', (kind) => {
  const request = changes[kind];

  test('is on disk before its command goes out, and gone once its outcome is told', async () => {
    const plan = await planOf(request);
    expect(stored()).toBeUndefined();
    const commands: (readonly UnknownChange[] | undefined)[] = [];
    onWrite = (hex) => {
      if (hex === commandOf(plan)) commands.push(structuredClone(stored()));
    };
    expect(await ask({ ...request, plan })).toMatchObject({ errorCode: 0 });
    expect(commands).toEqual([
      [
        expect.objectContaining({
          protocol: kind,
          address: request.address,
          meter: plan.meter,
          at: expect.any(Number) as number,
        }),
      ],
    ]);
    expect(commands[0]?.[0]?.title).not.toBe('');
    expect(stored()).toBeUndefined();
    expect(book.unknown).toEqual([]);
  });

  test('of a worker that ends in the midst of it is found by the next one', async () => {
    const plan = await planOf(request);
    let found: TestedBook | undefined;
    onWrite = (hex) => {
      if (hex === commandOf(plan)) found = changeBook(clock, structuredClone(book.disk));
    };
    await ask({ ...request, plan });
    expect(found?.unknown).toEqual([
      expect.objectContaining({ meter: plan.meter, port: expect.any(String) as string }),
    ]);
    expect(found?.unknown[0]?.outcome).toBeUndefined();
  });

  test('is not begun where no note can be kept', async () => {
    const plan = await planOf(request);
    const sent: string[] = [];
    onWrite = (hex) => sent.push(hex);
    book.before = () => Promise.reject(new Error('full'));
    await expect(ask({ ...request, plan })).rejects.toMatchObject({
      message: expect.stringContaining('Nothing was sent') as string,
      checklist: [expect.stringContaining('make room') as string, expect.anything()],
    });
    expect(sent).toEqual([]);
    expect(book.errors).not.toEqual([]);
    expect(stored()).toBeUndefined();
    expect(registry.wireState(request.portId)).toBeUndefined();
  });
});

const request = changes.MODBUS;

test('a storage that does not answer is not waited for, and a note that comes late is of nothing', async () => {
  const plan = await planOf(request);
  const sent: string[] = [];
  onWrite = (hex) => sent.push(hex);
  let answer: () => void = () => undefined;
  book.before = () => new Promise((resolve) => (answer = resolve));
  await expect(ask({ ...request, plan })).rejects.toThrow('Nothing was sent');
  expect(sent).toEqual([]);
  book.before = () => Promise.resolve();
  answer();
  await clock.run(clock.sleep(1000));
  expect(stored()).toBeUndefined();
});

test('a change that breaks off is unknown at once, until somebody has seen it', async () => {
  const plan = await planOf(request);
  const changer = await modbus.parts.changer?.();
  if (!changer) throw new Error('no changer');
  const broken = createProtocols([
    {
      ...modbus,
      parts: {
        ...modbus.parts,
        changer: () => Promise.resolve({ ...changer, change: () => Promise.reject(new Error('broken')) }),
      },
    },
  ]);
  await expect(ask({ ...request, plan }, undefined, broken)).rejects.toThrow('broken');
  expect(book.unknown).toEqual(stored());
  const [{ id }] = book.unknown as [UnknownChange];
  const handlers = createBusHandlers({
    registry,
    protocols: createProtocols([]),
    traces: createTraceBook(clock),
    changes: book,
    settings: { get: () => Promise.resolve(undefined) },
  });
  const seen = async () =>
    await handlers.forgetChange({ id }, { signal: new AbortController().signal, emit: () => undefined });

  book.before = () => Promise.reject(new Error('full'));
  await expect(seen()).rejects.toThrow('full');
  expect(book.unknown).toHaveLength(1);
  book.before = () => Promise.resolve();
  await seen();
  expect(book.unknown).toEqual([]);
  expect(stored()).toBeUndefined();
});

test('what became of a change whose asker has gone is kept for the next who looks', async () => {
  const plan = await planOf(request);
  const gone = new AbortController();
  onWrite = (hex) => {
    if (hex === commandOf(plan)) gone.abort();
  };
  const { headline }: ChangeResult = await ask({ ...request, plan }, gone.signal);
  expect(book.unknown).toEqual([expect.objectContaining({ meter: plan.meter, outcome: headline })]);
  expect(stored()).toEqual(book.unknown);
});

test('several at once are kept and forgotten each for itself', async () => {
  const both = await Promise.all(kinds.map(async (kind) => ({ ...changes[kind], plan: await planOf(changes[kind]) })));
  let most = 0;
  onWrite = () => {
    most = Math.max(most, stored()?.length ?? 0);
  };
  const results = await Promise.all(both.map((each) => ask(each)));
  expect(results.map(({ errorCode }) => errorCode)).toEqual([0, 0]);
  expect(most).toBe(2);
  expect(stored()).toBeUndefined();
});
