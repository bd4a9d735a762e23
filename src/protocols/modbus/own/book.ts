import { formatDecimal } from '../../../common/decimal.ts';
import { fits, type Values } from '../../../common/form.ts';
import type { Reading } from '../../../common/reading.ts';
import type { ProfileBook, ProfileDraft, ProfileTestRun } from '../../profile-book.ts';
import { formatModbusAddress, hex, parseModbusAddress } from '../address.ts';
import { readingsBy } from '../decode.ts';
import { framingOfModel } from '../models.ts';
import { profiles } from '../profiles/catalogue.ts';
import { addressFor, figuresOf } from '../profiles/plan.ts';
import type { PlannedFigure, Profile } from '../profiles/profile.ts';
import { SUNSPEC } from '../sunspec.ts';
import { faultsIn, readDraft, writeDraft } from './draft.ts';
import { headForm, lists } from './forms.ts';
import { ownProfileFrom } from './own-profile.ts';

const [nameField] = headForm;

export const modbusProfiles: ProfileBook = {
  head: headForm,
  lists,
  builtIn: profiles
    .map((profile) => ({ name: profile.model, draft: () => copyOf(profile) }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
  alsoChosen: [SUNSPEC],
  empty: { values: {}, lists: { registers: [{}], signs: [], tests: [] } },
  read: (text) => readDraft(text),
  faults: faultsIn,
  write: writeDraft,
  run,
  rowText,
  use(draft, address) {
    const profile = ownProfileFrom(draft, '');
    const { model, framing, baudRate } = profile;
    return {
      address: formatModbusAddress(addressFor(profile, unitIn(address), baudRate)),
      settings: { model, framing },
    };
  },
};

function unitIn(address: string): number {
  try {
    return parseModbusAddress(address).unit;
  } catch {
    // Nothing, or the address of another protocol's meter, stands there: most have 1 from the factory.
    return 1;
  }
}

/** A copy under a name of its own. How a model is recognized stays with the model. */
function copyOf(profile: Profile): ProfileDraft {
  const { model, baudRate, most, order = 'ABCD', remark, tests } = profile;
  const name = `${model} (own)`;
  return {
    values: {
      name: fits(nameField, name) ? name : 'Own profile',
      maker: model,
      ...(remark === undefined ? {} : { remark: remark.replaceAll(';', ',') }),
      baudRate,
      framing: framingOfModel(model),
      most,
      order,
    },
    lists: {
      registers: figuresOf(profile).map((figure) => rowOf(figure, order)),
      signs: [],
      tests: tests.map(({ data, shows }) => ({ data, shows: shows.join('; ') })),
    },
  };
}

function rowOf(figure: PlannedFigure, usual: string): Values {
  const { command, address, type, order, scale, invalid, text, obis, unit, note } = figure;
  return {
    address: hex(address, 4),
    function: command,
    name: text,
    type,
    unit,
    scale,
    ...(order === usual ? {} : { order }),
    ...(invalid === undefined ? {} : { invalid }),
    ...(obis === '' ? {} : { obis }),
    ...(note === undefined ? {} : { note: note.replaceAll(';', ',') }),
  };
}

function run(draft: ProfileDraft): readonly ProfileTestRun[] {
  const faults = faultsIn(draft);
  const profile = faults.length > 0 ? undefined : ownProfileFrom(draft, '');
  return (draft.lists['tests'] ?? []).map(({ data = '', shows = '' }) => {
    const wanted = String(shows)
      .split(';')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const shown = profile ? readingsBy(profile, String(data)).map(shownText) : [];
    return { wanted, shown, isRight: shown.length > 0 && shown.join(';') === wanted.join(';') };
  });
}

/** "Voltage L1 230.5 V"; what is not whole says so. */
function shownText({ quantity, value, unit, state }: Reading): string {
  const text = value.type === 'number' ? formatDecimal(value.decimal) : value.type === 'text' ? value.text : '–';
  return `${`${quantity} ${text} ${unit}`.trimEnd()}${state === 'whole' ? '' : ` (${state})`}`;
}

function rowText(list: string, row: Values): string {
  const {
    function: command = 4,
    address = '',
    name = '',
    type = 'f32',
    unit = '',
    text = '',
    words = '',
    data = '',
  } = row;
  const where = `${hex(Number(command), 2)}:${String(address).replace(/^0x/i, '').toUpperCase().padStart(4, '0')}`;
  switch (list) {
    case 'registers':
      return [where, name, unit === '' ? type : `${type}, ${unit}`].filter((part) => part !== '').join(' · ');
    case 'signs':
      return `${where} · ${text === '' ? words : `“${text}”`}`;
    default:
      return String(data).slice(0, 60);
  }
}
