import { MeterError } from '../../common/meter-error.ts';
import { describeObis } from '../../common/obis.ts';
import type { Browser, ListedObject, Target } from '../protocol.ts';
import { formatDlmsAddress, parseDlmsAddress, type WantedObject } from './address.ts';
import { nameText } from './apdu/attribute.ts';
import { dataIn } from './axdr/read-data.ts';
import { attributeName, attributesRead, className } from './cosem/classes.ts';
import { objectName } from './cosem/object-names.ts';
import { objectsIn, type CosemObject } from './cosem/object-list.ts';
import { keptValues } from './record-data.ts';

const ASSOCIATION: WantedObject = { classId: 15, name: Uint8Array.of(0, 0, 40, 0, 0, 255), attribute: 2 };

/** Headings, and the classes under them; what is in none is under the last. */
const groups: readonly (readonly [heading: string, classes: readonly number[]])[] = [
  ['Registers', [3, 4, 5, 61]],
  ['Profiles', [7, 62]],
  ['Data', [1, 63]],
  ['Clock, tariffs and billing', [6, 8, 9, 10, 11, 20, 21, 22, 65, 66, 111, 112, 113, 115, 116]],
  ['Control', [68, 70, 71, 122, 123]],
  [
    'Communication',
    [19, 23, 24, 25, 26, 27, 28, 29, 40, 41, 42, 43, 44, 45, 46, 47, 48, 72, 73, 74, 77, 100, 124, 151],
  ],
  ['Security and associations', [12, 15, 17, 18, 30, 64]],
];
const OTHER = 'Other';

export const dlmsBrowser: Browser = {
  list: (target) => withObjects(target, [ASSOCIATION]),
  objects(data) {
    const kept = keptValues(data).find(({ attribute: { classId, number } }) => classId === 15 && number === 2);
    if (!kept?.bytes || kept.isCut) return undefined;
    try {
      const order = [...groups.map(([heading]) => heading), OTHER];
      return objectsIn(dataIn(kept.bytes).data)
        .map(listedObject)
        .sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
    } catch (error) {
      if (error instanceof MeterError) return undefined;
      throw error;
    }
  },
  chosen(address) {
    try {
      return [...new Set(parseDlmsAddress(address).objects.map(idOf))];
    } catch (error) {
      if (error instanceof MeterError) return [];
      throw error;
    }
  },
  choose(target, ids) {
    const wanted = ids.flatMap((id) => parseDlmsAddress(`1|${id}`).objects);
    return withObjects(target, wanted);
  },
};

/** As it is written in an address. */
const idOf = ({ classId, name }: Pick<WantedObject, 'classId' | 'name'>) =>
  `${classId}:${nameText(name).replace(/\*255$/, '')}`;

function withObjects({ address, settings }: Target, objects: readonly WantedObject[]): Target {
  const known = parseDlmsAddress(address);
  const text = formatDlmsAddress({ ...known, objects });
  // Refused here where it is too long to be sent.
  parseDlmsAddress(text);
  return { address: text, settings: { ...settings, read: 'objects' } };
}

/** Codes that differ in tariff or storage alone have one quantity. */
function nameWithTariff(name: Uint8Array): string {
  const quantity = objectName(name);
  const { tariff, storage } = describeObis(nameText(name).replace(/\*255$/, ''));
  if (quantity === '') return '';
  const more = [tariff ? `tariff ${tariff}` : '', storage === undefined ? '' : `stored ${storage}`];
  return [quantity, ...more].filter((word) => word !== '').join(', ');
}

function listedObject(object: CosemObject): ListedObject {
  const { classId, name, readable } = object;
  return {
    id: idOf(object),
    code: nameText(name).replace(/\*255$/, ''),
    name: nameWithTariff(name),
    kind: className(classId),
    group: groups.find(([, classes]) => classes.includes(classId))?.[0] ?? OTHER,
    parts: readable
      .filter((number) => number !== 1)
      .map((number) => attributeName(classId, number))
      .join(', '),
    isReadable: attributesRead(classId).some((number) => readable.includes(number)),
  };
}
