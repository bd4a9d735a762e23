import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  agreementOn,
  fits,
  fittingValues,
  holding,
  isAgreed,
  settingsOf,
  unusedKeys,
  withoutAgreements,
  withSetting,
  withSettings,
  type Field,
  type Form,
  type Layers,
  type Values,
} from '../../../src/common/form.ts';
import { protocols } from '../../../src/protocols/registry.ts';

const form: Form = [
  { key: 'rate', label: 'Rate', kind: 'whole', least: 110, most: 230_400, default: 300, port: 'baudRate' },
  {
    key: 'framing',
    label: 'Framing',
    kind: 'choice',
    default: '8E1',
    choices: ['8E1', '8N1'].map((value) => ({ value, label: value })),
    port: 'framing',
  },
  { key: 'tries', label: 'Tries', kind: 'whole', least: 0, most: 9, default: 1 },
  { key: 'request', label: 'Own request', kind: 'text', most: 10 },
  { key: 'nuls', label: 'NULs', kind: 'whole', least: 1, most: 500, formerly: 'wakeUp.nuls' },
];
function field(key: string): Field {
  const found = form.find((one) => one.key === key);
  if (!found) throw new Error(key);
  return found;
}

describe('what holds', () => {
  test('a person before what was learnt, before the one meter of a port, before the port, before the default', () => {
    const layers: Layers[] = [
      {},
      { port: { baudRate: 14_400, framing: '7E1' } },
      { port: { baudRate: 14_400, framing: '8N1' }, suggested: { rate: 2400 } },
      { suggested: { rate: 2400 }, learnt: { rate: 4800 } },
      { learnt: { rate: 4800 }, set: { rate: 9600 } },
    ];
    expect(layers.map((each) => holding(field('rate'), each))).toEqual([
      { value: 300, origin: 'default' },
      { value: 14_400, origin: 'port' },
      { value: 2400, origin: 'suggested' },
      { value: 4800, origin: 'learnt' },
      { value: 9600, origin: 'set' },
    ]);
  });

  test('a framing of the port that is none of the protocol’s is passed over', () => {
    const port = (framing: string) => settingsOf(form, { port: { baudRate: 300, framing } })['framing'];
    expect([port('7E1'), port('8N1')]).toEqual(['8E1', '8N1']);
  });

  test('what is empty is not there', () => {
    expect(settingsOf(form, {})).toEqual({ rate: 300, framing: '8E1', tries: 1 });
  });
});

describe('setting', () => {
  const port = { port: { baudRate: 14_400, framing: '8N1' } };

  test('one field leaves a rate that is none of the usual ones as it was', () => {
    const set = withSetting(form, port, 'tries', 3);
    expect(set).toEqual({ tries: 3 });
    expect(settingsOf(form, { ...port, set })).toMatchObject({ rate: 14_400, tries: 3 });
  });

  test('the default is kept where the port says otherwise, and not where it holds anyway', () => {
    expect(withSetting(form, port, 'rate', 300)).toEqual({ rate: 300 });
    expect(withSetting(form, {}, 'rate', 300)).toEqual({});
    expect(withSetting(form, { ...port, set: { rate: 300 } }, 'rate', 14_400)).toEqual({});
  });

  test('a text that somebody suggests can be emptied, and then is empty', () => {
    const layers = { suggested: { request: '/#!' } };
    const set = withSetting(form, layers, 'request', '');
    expect(set).toEqual({ request: '' });
    expect(settingsOf(form, { ...layers, set })['request']).toBe('');
    expect(withSetting(form, { set: { request: '/#!' } }, 'request', '')).toEqual({});
  });

  test('what does not fit is not set, and an emptied figure goes back', () => {
    expect(withSetting(form, { set: { tries: 3 } }, 'tries', 99)).toEqual({});
    expect(withSettings(form, { set: { tries: 3, rate: 600 } }, { tries: undefined, nuls: 4 })).toEqual({
      rate: 600,
      nuls: 4,
    });
  });
});

test('an agreement holds for what was asked about only, and no file brings one', () => {
  const asked: Form = [
    {
      key: 'send',
      label: 'Send',
      kind: 'choice',
      default: 'nothing',
      choices: ['nothing', 'own'].map((value) => ({ value, label: value })),
      asks: { unless: 'nothing', of: ['bytes'], agreed: 'yes', title: '', text: '', yes: '', no: '' },
    },
    { key: 'bytes', label: 'Bytes', kind: 'text', most: 20 },
    { key: 'yes', label: 'Agreed', kind: 'text', most: 50, isAgreement: true },
  ];
  const values = { send: 'own', bytes: '50' };
  const [send] = asked;
  const agreed = { ...values, yes: send ? agreementOn(send, values) : '' };
  const isOk = (set: Values) => isAgreed(asked, set, 'send');
  expect([{}, values, agreed, { ...agreed, bytes: '51' }, { ...agreed, send: 'nothing' }].map(isOk)).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
  expect(isAgreed(asked, values, 'bytes')).toBe(true);
  expect(withoutAgreements(asked, agreed)).toEqual(values);
});

describe('what is stored', () => {
  test('is found where an earlier version kept it', () => {
    expect(fittingValues(form, { rate: 9600, wakeUp: { profile: 'standard', nuls: 3 } })).toEqual({
      rate: 9600,
      nuls: 3,
    });
    expect(fittingValues(form, { nuls: 5, wakeUp: { nuls: 3 } })).toEqual({ nuls: 5 });
  });

  test('that came to nothing is named', () => {
    expect(unusedKeys(form, { rate: 9600, tries: 99, color: 'red' })).toEqual(['tries', 'color']);
    const formerly: Form = [{ key: 'subcode', label: '', kind: 'whole', least: 0, most: 255, formerly: 'reset' }];
    expect(unusedKeys(formerly, { reset: 16 })).toEqual([]);
  });

  test('of any shape gives settings a meter can be read with', () => {
    for (const { settings } of protocols.all) {
      const keys = fc.constantFrom(...settings.map(({ key }) => key));
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue())), (stored) => {
          const set = fittingValues(settings, stored);
          expect(fittingValues(settings, set)).toEqual(set);
          for (const each of settings) {
            const held = holding(each, { set });
            if (held) expect(fits(each, held.value)).toBe(true);
          }
        }),
      );
    }
  });
});
