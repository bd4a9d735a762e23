import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field, Form, Value, Values } from '../../../../src/common/form.ts';
import { modbusDialogue } from '../../../../src/protocols/modbus/ask.ts';
import { decodeModbus } from '../../../../src/protocols/modbus/decode.ts';
import { modbusProfiles as book } from '../../../../src/protocols/modbus/own/book.ts';
import { ownProfileFrom } from '../../../../src/protocols/modbus/own/own-profile.ts';
import { profiles } from '../../../../src/protocols/modbus/profiles/catalogue.ts';
import { blocksOf } from '../../../../src/protocols/modbus/profiles/plan.ts';
import { modbusSearcher } from '../../../../src/protocols/modbus/searcher.ts';
import '../../../../src/protocols/modbus/session.ts';
import type { KeptProfiles, ProfileDraft } from '../../../../src/protocols/profile-book.ts';
import { floats } from './independent-slave.ts';
import { onBus } from './on-bus.ts';
import { shown } from './shown.ts';

const cellar: ProfileDraft = {
  values: { name: 'Cellar meter', baudRate: 9600, framing: '8N1', most: 50, order: 'ABCD', remark: 'Reads late.' },
  lists: {
    registers: [
      { address: '0010', function: 4, name: 'Supply voltage', type: 'f32', unit: 'V', scale: 0 },
      {
        address: '0x12',
        function: 4,
        name: 'Active energy import',
        type: 'f32',
        unit: 'kWh',
        scale: -3,
        obis: '1.8.1',
      },
    ],
    signs: [{ address: '0100', function: 3, count: 1, words: '0047, 4D4D' }],
    tests: [{ data: '1:04:0010:0104044368D1EC3201', shows: 'Supply voltage 232.82 V' }],
  },
};

/** A shelf with these, by the names they have; the digest of each is its place. */
function shelf(...drafts: readonly ProfileDraft[]): KeptProfiles & { names: string[] } {
  const names = drafts.map(({ values }) => String(values['name']));
  return {
    names,
    list: () => Promise.resolve(names.map((name) => ({ name, digest: `digest of ${name}` }))),
    text: (digest) =>
      Promise.resolve(
        drafts
          .filter(({ values }) => digest === `digest of ${String(values['name'])}`)
          .map((draft) => book.write(draft))[0],
      ),
  };
}

const textsOf = (draft: ProfileDraft) => book.faults(draft).map(({ text }) => text);
const withRow = (list: string, row: Values): ProfileDraft => ({
  ...cellar,
  lists: { ...cellar.lists, [list]: [...(cellar.lists[list] ?? []), row] },
});

describe.each(book.builtIn.map(({ name, draft }) => [name, draft] as const))('a copy of %s', (name, draft) => {
  test('passes the tests of the model, comes back from its file, and reads the same registers', () => {
    const copy = draft();
    expect(book.faults(copy)).toEqual([]);
    expect(book.run(copy).filter(({ isRight }) => !isRight)).toEqual([]);
    const text = book.write(copy);
    const read = book.read(text);
    expect(read.faults).toEqual([]);
    expect(read.draft && book.write(read.draft)).toBe(text);
    const profile = profiles.find(({ model }) => model === name);
    expect(profile && blocksOf(ownProfileFrom(copy, ''))).toEqual(profile && blocksOf(profile));
  });
});

describe('what is wrong is said with its place', () => {
  test.each<[string, ProfileDraft, string]>([
    ['no name', { ...cellar, values: {} }, 'Name: nothing is there.'],
    [
      'the name of a built-in model',
      { ...cellar, values: { ...cellar.values, name: 'eastron SDM630 ' } },
      'Name: a model of this name is built in.',
    ],
    ['no registers', { ...cellar, lists: {} }, 'Registers: there are none.'],
    [
      'a register twice',
      withRow('registers', { address: '10', name: 'x' }),
      'Register 3, address: register 1 has it, too.',
    ],
    [
      'beyond the end',
      withRow('registers', { address: 'FFFF', name: 'x' }),
      'Register 3, address: it goes beyond FFFF.',
    ],
    [
      'no hex',
      withRow('registers', { address: '40001', name: 'x' }),
      'Register 3, address: up to four hexadecimal digits, please.',
    ],
    ['no name of a register', withRow('registers', { address: '20' }), 'Register 3, name: nothing is there.'],
    [
      'a mark of another width',
      withRow('registers', { address: '20', name: 'x', invalid: '7FFF' }),
      'Register 3, where there is none: 8 hexadecimal digits for its type, please.',
    ],
    [
      'a sign of nothing',
      withRow('signs', { address: '0' }),
      'Sign 2, either a text or words have to be given, and not both.',
    ],
    [
      'a test of nothing',
      withRow('tests', { data: 'FF' }),
      'Test 2, data: <unit>:<function>:<address>:<frame in hex>, please.',
    ],
    [
      'registers that no address holds',
      {
        ...cellar,
        lists: {
          registers: Array.from({ length: 100 }, (_, index) => ({ address: (index * 100).toString(16), name: 'x' })),
        },
      },
      'Registers: they lie too far apart to be read by one address.',
    ],
  ])('%s', (_, draft, expected) => {
    expect(textsOf(draft)).toEqual([expected]);
  });

  test('a draft with faults runs no test', () => {
    expect(book.run({ ...cellar, values: {} })).toEqual([
      { wanted: ['Supply voltage 232.82 V'], shown: [], isRight: false },
    ]);
  });

  test('a test that shows something else says what', () => {
    const draft = {
      ...cellar,
      lists: { ...cellar.lists, tests: [{ data: '1:04:0010:0104044368D1EC3201', shows: '' }] },
    };
    expect(book.run(draft)).toEqual([{ wanted: [], shown: ['Supply voltage 232.82 V'], isRight: false }]);
  });
});

describe('a hostile file', () => {
  const good = JSON.parse(book.write(cellar)) as Record<string, unknown>;
  const faultsOf = (change: Record<string, unknown>) =>
    book.read(JSON.stringify({ ...good, ...change })).faults.map(({ text }) => text);

  test.each<[string, string, RegExp]>([
    ['empty', '', /^It is no JSON/],
    ['of another kind', '[]', /holds no object/],
    ['of another format', '{"format":"OpenHHU Modbus profile 2"}', /no profile that this version knows/],
    ['as long as a disk', `"${'x'.repeat(500_001)}"`, /no profile has more than 500000/],
    [
      'with a prototype',
      book.write(cellar).replace('"format"', '"__proto__": {"name": "x"}, "format"'),
      /“__proto__” is nothing/,
    ],
  ])('%s is refused', (_, text, expected) => {
    const { draft, faults } = book.read(text);
    expect(draft).toBeUndefined();
    expect(faults.map((fault) => fault.text).join()).toMatch(expected);
  });

  test('of values beyond all bounds holds nothing', () => {
    expect(faultsOf({ baudRate: 1e99, most: -1, name: 'x'.repeat(61), order: 'ACBD' })).toEqual([
      'Name: letters, digits and ._()/+*- only, a letter or digit first, please.',
      'Baud rate: a whole number from 300 to 921600, please.',
      'Registers at once: a whole number from 1 to 125, please.',
      'Order of the bytes: one of ABCD, CDAB, BADC, DCBA, please.',
    ]);
    expect(faultsOf({ registers: {} })).toEqual(['Registers: a list of at most 400, please.']);
    expect(faultsOf({ registers: new Array(401).fill({}) })).toEqual(['Registers: a list of at most 400, please.']);
    expect(faultsOf({ registers: [null] })).toEqual(['Register 1 is no object.']);
    expect(faultsOf({ registers: [{ address: '0', name: 'a\u0000b', scale: 0.5, swap: true }] })).toEqual([
      'Register 1, name: up to 60 characters without “;”, please.',
      'Register 1, power of ten: a whole number from -18 to 18, please.',
      'Register 1, “swap” is nothing that this version knows.',
    ]);
    expect(faultsOf({ registers: new Array(400).fill({ a: 1, b: 2 }) })).toHaveLength(30);
  });

  test('of any JSON never throws, and is refused or comes back as it is', () => {
    const parts = fc.dictionary(
      fc.constantFrom('name', 'baudRate', 'most', 'order', 'registers', 'signs', 'tests', 'says', 'x'),
      fc.jsonValue({ maxDepth: 3 }),
    );
    fc.assert(
      fc.property(parts, (change) => {
        const { draft, faults } = book.read(JSON.stringify({ ...good, ...change }));
        if (draft) expect(book.read(book.write(draft)).draft && book.write(draft)).toBe(book.write(draft));
        else expect(faults.length).toBeGreaterThan(0);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => book.read(text).draft === undefined));
  });

  test('whose text is a pattern that takes for ever is taken by its letters', () => {
    const draft: ProfileDraft = {
      ...cellar,
      values: { ...cellar.values, says: '(a+)+$' },
      lists: { ...cellar.lists, signs: [{ address: '0', text: '(x*)*y' }] },
    };
    const { saysOfItself = '', signs = [] } = ownProfileFrom(draft, '');
    expect(new RegExp(saysOfItself).test('says (a+)+$ of itself')).toBe(true);
    expect(new RegExp(saysOfItself).test('a'.repeat(40))).toBe(false);
    expect(new RegExp(signs[0]?.text ?? '').test('(x*)*y')).toBe(true);
  });
});

/** Values that a form takes. */
const WORDS = fc.string({ unit: 'grapheme', minLength: 1 });
const valuesOf = (form: Form): fc.Arbitrary<Values> =>
  fc
    .record(Object.fromEntries(form.map((field) => [field.key, valueOf(field)])), {
      requiredKeys: form.filter(({ isNeeded }) => isNeeded).map(({ key }) => key),
    })
    .map((values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')));

function valueOf({ kind, least = 0, most = 0, choices = [], pattern }: Field): fc.Arbitrary<Value> {
  if (kind === 'whole') return fc.integer({ min: least, max: most });
  if (kind === 'choice') return fc.constantFrom(...choices.map(({ value }) => value));
  if (pattern === undefined) return fc.string({ maxLength: most });
  const whole = new RegExp(`^(?:${pattern})$`, 'u');
  // What is made for classes of characters takes long, and most of any text is of them.
  const texts = pattern.includes('\\p') ? WORDS : fc.stringMatching(whole);
  return texts.filter((text) => text.length <= most && whole.test(text));
}

test('what the forms take comes back from its file, value by value', () => {
  const rows = Object.fromEntries(book.lists.map(({ key, form }) => [key, fc.array(valuesOf(form), { maxLength: 4 })]));
  fc.assert(
    fc.property(valuesOf(book.head), fc.record(rows), (values, lists) => {
      const draft = { values, lists };
      const { draft: read, faults } = book.read(book.write(draft));
      // What is wrong in the file is wrong in the draft, and nothing else is.
      expect(faults.map(({ text }) => text)).toEqual(textsOf(draft));
      if (read) expect(book.write(read)).toBe(book.write(draft));
    }),
    { numRuns: 20 },
  );
});

const unit = {
  unit: 7,
  words: { ...floats('040010', [231.5, 5105.65]), '030100': 0x47, '030000': 0 },
};

async function readBy(profiles: KeptProfiles, address: string, settings: Values, framing: '8N1' | '8E1' = '8N1') {
  return await onBus([unit], ({ line }) => modbusDialogue.read(line, { address, settings }, { profiles }), {
    their: { baudRate: 9600, framing },
  });
}

describe('a meter is read', () => {
  test('by the profile of its model, with nothing but a unit in the address', async () => {
    const { errorCode, data, circumstances } = await readBy(shelf(cellar), '7@9600', { model: 'Cellar meter' });
    expect(errorCode).toBe(0);
    expect(circumstances?.meaning).toEqual({ model: 'Cellar meter', revision: 'digest of Cellar meter' });
    expect(circumstances?.notes).toContain('Reads late.');
    const stored = { identification: '', data, ...(circumstances ? { circumstances } : {}) };
    const readings = await decodeModbus(stored, shelf(cellar));
    expect(readings.map(shown)).toEqual(['Supply voltage 231.5 V', 'Active energy import 5.10565 kWh']);
    expect(readings[1]).toMatchObject({ obis: '1.8.1', tariff: 1, label: '04:0012', state: 'whole' });
  });

  test('with the address that the profile writes, at the unit that was there', async () => {
    const { address, settings } = book.use(cellar, '7@1200');
    expect([address, settings]).toEqual(['7@9600[50,04:0010:4]', { model: 'Cellar meter', framing: '8N1' }]);
    expect(book.use(cellar, '00000000').address).toBe('1@9600[50,04:0010:4]');
    const { errorCode, data } = await readBy(shelf(cellar), address, settings);
    expect([errorCode, data.slice(0, 10)]).toEqual([0, '7:04:0010:']);
  });

  test('in the format of its characters, unless somebody sets another one', async () => {
    const even = { ...cellar, values: { ...cellar.values, name: 'Even', framing: '8E1' } };
    expect((await readBy(shelf(even), '7@9600', { model: 'Even' }, '8E1')).errorCode).toBe(0);
    expect(
      (await readBy(shelf(even), '7@9600', { model: 'Even', framing: '8N1', retries: 0 }, '8E1')).errorCode,
    ).not.toBe(0);
  });

  test('by the profile whose sign it shows, where nobody chose one', async () => {
    const { errorCode, circumstances } = await readBy(shelf(cellar), '7@9600', {});
    expect(errorCode).toBe(0);
    expect(circumstances?.meaning).toMatchObject({ model: 'Cellar meter' });
    expect(circumstances?.notes).toContain('Read as Cellar meter.');
  });

  test('a profile that is gone is said: without registers nothing is asked, with them they are kept as they are', async () => {
    const bare = await readBy(shelf(), '7@9600', { model: 'Cellar meter' });
    expect([bare.errorCode, bare.data]).toEqual([196610, '']);
    expect(bare.circumstances?.message).toBe(
      'There is no profile “Cellar meter” on this device, and the address names no registers.',
    );
    const listed = await readBy(shelf(), '7@9600[50,04:0010:4]', { model: 'Cellar meter' });
    expect(listed.errorCode).toBe(0);
    expect(listed.circumstances?.meaning).toBeUndefined();
    expect(listed.circumstances?.notes?.join()).toContain('the registers are kept as they are');
  });
});

describe('a storage that fails', () => {
  const broken: KeptProfiles = {
    list: () => Promise.reject(new Error('the disk is gone')),
    text: () => Promise.reject(new Error('the disk is gone')),
  };

  test('keeps nobody from reading what needs none', async () => {
    const { errorCode, circumstances } = await readBy(broken, '7@9600[50,04:0010:4]', { model: 'Cellar meter' });
    expect(errorCode).toBe(0);
    expect(circumstances?.notes?.join()).toContain('“Cellar meter” could not be looked up (the disk is gone)');
  });

  test('is what a read says that needs one', async () => {
    const { circumstances } = await readBy(broken, '7@9600', { model: 'Cellar meter' });
    expect(circumstances?.message).toContain('could not be looked up (the disk is gone)');
    const asked = await readBy(broken, '7@9600', {});
    expect(asked.circumstances?.notes).toContain('Only models that are built in were asked for: the disk is gone.');
  });

  test('ends no search', async () => {
    const values = { units: '7', rates: '9600', framings: '8N1' };
    const told = await onBus([unit], async ({ line }) => {
      const texts: string[] = [];
      const search = modbusSearcher.search(line, { id: 'units', values, settings: {} }, { profiles: broken });
      for await (const event of search) {
        if (event.kind === 'note') texts.push(event.text);
        else if (event.kind === 'ended') texts.push(`${event.outcome}, ${event.meters.length} found`);
      }
      return texts;
    });
    expect(told).toEqual(['Only models that are built in are recognized: the disk is gone.', 'complete, 1 found']);
  });
});

test('a search finds it by its sign, with the address that reads it', async () => {
  const values = { units: '7', rates: '9600', framings: '8N1' };
  const found = await onBus([unit], async ({ line }) => {
    const addresses: string[] = [];
    const search = modbusSearcher.search(line, { id: 'units', values, settings: {} }, { profiles: shelf(cellar) });
    for await (const event of search)
      if (event.kind === 'found') addresses.push(event.meter.address, ...event.meter.facts);
    return addresses;
  });
  expect(found).toEqual(['7@9600[50,04:0010:4]', 'Cellar meter']);
});

describe('what a record meant', () => {
  const data = '1:04:0010:0104044368D1EC3201';
  const stored = (revision: string | number, model = 'Cellar meter') => ({
    identification: '',
    data,
    circumstances: { meaning: { model, revision } },
  });

  test('is shown by the very profile, though there is none of its name any more', async () => {
    const kept = shelf(cellar);
    kept.names.length = 0;
    expect((await decodeModbus(stored('digest of Cellar meter'), kept)).map(shown)).toEqual([
      'Supply voltage 232.82 V',
    ]);
  });

  test.each([
    ['of a person, on another device', stored('none of ours')],
    ['of a later version', stored(99, 'Eastron SDM630')],
    ['of a later version that has another name', stored(1, 'Meter of tomorrow')],
  ])('cannot be shown by a profile that is missing, and says so: %s', async (_, record) => {
    const readings = await decodeModbus(record, shelf());
    expect(readings[0]).toMatchObject({ quantity: 'Profile of this record', kind: 'error', state: 'not available' });
    expect(readings.slice(1).map(shown)).toEqual(['Input register 17256', 'Input register 53740']);
  });
});
