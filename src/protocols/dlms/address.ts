import { nameOf, nameText } from './apdu/attribute.ts';
import { dlmsError } from './errors.ts';
import { serverAddress, type HdlcAddress } from './hdlc/address.ts';

const DEFAULT_BAUD_RATE = 9600;
const MOST_LOGICAL = 0x3fff;
/** Characters of a whole address text, and objects in it. */
const MAX_LENGTH = 2000;
const MOST_OBJECTS = 100;

export interface DlmsAddress {
  readonly server: HdlcAddress;
  readonly baudRate: number;
  /** What is read; empty: whatever the meter lists. */
  readonly objects: readonly WantedObject[];
}

export interface WantedObject {
  readonly classId: number;
  /** Six bytes. */
  readonly name: Uint8Array;
  /** Undefined: those that make a reading. */
  readonly attribute: number | undefined;
}

const FORM = /^(\d{1,5})(?: *\/ *(\d{1,5})(?: *\/ *(4))?)?(?: *@ *(\d+))?(?: *\|(.*))?$/s;
const OBJECT = /^(?:(\d{1,5}):)?((?:\d{1,3}-\d{1,3}:)?\d{1,3}\.\d{1,3}\.\d{1,3}(?:\*\d{1,3})?)(?::(-?\d{1,3}))?$/;
const REGISTER = 3;

/** `<logical>[/<physical>[/4]][@<rate>][|<object>,…]`; throws a MeterError 'address' that says where and why. */
export function parseDlmsAddress(text: string): DlmsAddress {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) throw wrong(trimmed, `${MAX_LENGTH} characters are the most`);
  const match = FORM.exec(trimmed);
  if (!match) throw wrong(trimmed, 'it is not <server>[/<physical>][@<rate>][|<object>,…]');
  const [, logicalText, physicalText, long, rateText, list] = match;
  const logical = Number(logicalText);
  const physical = physicalText === undefined ? undefined : Number(physicalText);
  if (logical > MOST_LOGICAL || (physical ?? 0) > MOST_LOGICAL)
    throw wrong(trimmed, `servers are 0 to ${MOST_LOGICAL}`);
  if (rateText !== undefined && !/^[1-9]\d{2,5}$/.test(rateText)) throw wrong(trimmed, `“${rateText}” is no rate`);
  const objects = list === undefined ? [] : list.split(',').map((part) => objectOf(part.trim(), trimmed));
  if (objects.length > MOST_OBJECTS) throw wrong(trimmed, `${MOST_OBJECTS} objects are the most`);
  return {
    server: serverAddress(logical, physical, long !== undefined),
    baudRate: rateText === undefined ? DEFAULT_BAUD_RATE : Number(rateText),
    objects,
  };
}

function objectOf(part: string, whole: string): WantedObject {
  const [, classText, code = '', attributeText] = OBJECT.exec(part) ?? [];
  const name = nameOf(code.includes('-') ? code : `1-0:${code}`);
  const classId = classText === undefined ? REGISTER : Number(classText);
  const attribute = attributeText === undefined ? undefined : Number(attributeText);
  const isAttribute = attribute === undefined || (attribute !== 0 && attribute >= -128 && attribute <= 127);
  if (!name || classId > 0xffff || !isAttribute)
    throw wrong(whole, `“${part.slice(0, 40)}” is no object such as 1-0:1.8.0 or 8:0-0:1.0.0:2`);
  return { classId, name, attribute };
}

function wrong(text: string, reason: string) {
  return dlmsError('address', `“${text.slice(0, 80)}” is not a DLMS address: ${reason}.`);
}

/** The one form of an address. */
export function formatDlmsAddress({ server, baudRate, objects }: DlmsAddress): string {
  const { upper, lower, size } = server;
  const isLong = size === 4 && upper <= 0x7f && (lower ?? 0) <= 0x7f;
  const physical = lower === undefined ? '' : `/${lower}${isLong ? '/4' : ''}`;
  const list = objects.map(
    ({ classId, name, attribute }) =>
      `${classId === REGISTER ? '' : `${classId}:`}${nameText(name).replace(/\*255$/, '')}${attribute === undefined ? '' : `:${attribute}`}`,
  );
  return `${upper}${physical}@${baudRate}${list.length === 0 ? '' : `|${list.join(',')}`}`;
}
