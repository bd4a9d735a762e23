import { toLatin1 } from '../../common/bytes.ts';
import { deviceNumber, isPrintable, makerIn } from './device-id.ts';
import { codeOf, type Entry, type SmlList } from './list.ts';
import { statusOf, type Status } from './status.ts';

/** Who speaks, as its list says. */
export interface Speaker {
  /** As on its plate; empty where the list does not say it. */
  readonly number: string;
  /** Three letters; empty where nothing tells. */
  readonly maker: string;
  readonly status?: Status;
}

const MAKER = ['1-0:96.50.1*1', '129-129:199.130.3*255'];
const NUMBER = ['1-0:96.1.0*255', '0-0:96.1.255*255', '1-0:0.0.9*255', '1-0:0.0.0*255'];

export const isMakerCode = (code: string): boolean => MAKER.includes(code);
export const isNumberCode = (code: string): boolean => NUMBER.includes(code);

export function speakerOf(list: SmlList): Speaker {
  const octets = (codes: readonly string[]) => {
    for (const code of codes) {
      const value = list.entries.find(({ name }) => codeOf(name) === code)?.value;
      if (value?.kind === 'octets') return value.bytes;
    }
    return undefined;
  };
  const id = octets(NUMBER) ?? list.serverId;
  const maker = octets(MAKER);
  const status = statusIn(list.entries);
  return {
    number: id ? deviceNumber(id) : '',
    maker: maker && isPrintable(maker) ? toLatin1(maker).trim() : id ? makerIn(id) : '',
    ...(status ? { status } : {}),
  };
}

/** The first entry that has one speaks for all. */
function statusIn(entries: readonly Entry[]): Status | undefined {
  const word = entries.find(({ status }) => status)?.status?.value;
  return word === undefined ? undefined : statusOf(word);
}

const POWER = /^1-\d+:\d+\.7\.\d/;
const ENERGY = /^1-\d+:[12]\.8\.\d/;

/**
 * A meter that its owner has not unlocked says whole kilowatt hours and no power at all, for everybody can read it through
 * the wall of the cabinet.
 */
export function isLocked({ entries }: SmlList): boolean {
  const codes = entries.map((entry) => ({ ...entry, code: codeOf(entry.name) }));
  const energies = codes.filter(({ code, value }) => ENERGY.test(code) && value.kind === 'integer');
  if (energies.length === 0 || codes.some(({ code }) => POWER.test(code))) return false;
  return energies.every(({ value, scaler }) => {
    if (value.kind !== 'integer') return false;
    const digits = 3 - scaler;
    return digits <= 0 || value.value % 10n ** BigInt(Math.min(digits, 18)) === 0n;
  });
}

export const LOCKED =
  'whole kilowatt hours only and no power: the meter is locked. Ask the metering operator for its PIN, enter it with a torch at the upper eye, then set “InF” to on';
