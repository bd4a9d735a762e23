import type { MeterId, Milliseconds, PortNumber } from '../common/kinds.ts';
import { MeterError } from '../common/meter-error.ts';
import type { DueMeter } from './due.ts';
import { type Interval, parseInterval } from './intervals.ts';
import { fittingValues, type Values } from '../common/form.ts';
import { INPUTS, protocolName } from '../protocols/names.ts';
import type { ListedProtocols } from './listed-protocols.ts';

/** One line of the device list: what AT^SCAMS? shows (port, protocol, address, interval) and what the interface adds. */
export interface Meter extends DueMeter {
  /** Ours, stable over edits and moves; the SmartCOM's index is the position in the list. */
  readonly id: MeterId;
  /** 1–127: serial ports of the ports table; 128: A/D inputs. */
  readonly port: PortNumber;
  readonly protocol: string;
  /** In the protocol's own form, as `<address>` of AT^SCAMS="DEV_ADD"; never a secret. */
  readonly address: string;
  readonly interval: Interval;
  readonly enabled: boolean;
  readonly since: Milliseconds;
  readonly name?: string;
  readonly place?: string;
  readonly notes?: string;
  /** As read from the meter. */
  readonly serialNumber?: string;
  /** What a person set of how it is read; the protocol's form says what there is. */
  readonly settings?: Values;
  /** What its dialogues taught; nobody sets it, and "Forget that" empties it. */
  readonly learnt?: Values;
  /** The registers to watch; absent or empty: none was singled out. */
  readonly signals?: readonly Signal[];
}

/** A register to watch: its code exactly as the meter writes it, and the user's name for it. */
export interface Signal {
  readonly code: string;
  /** Empty: it goes by its code. */
  readonly name: string;
}

/** What a person, a file or an AT command states of a meter. */
export type MeterDraft = Pick<Meter, 'port' | 'address'> &
  Partial<Pick<Meter, 'enabled' | 'name' | 'place' | 'notes' | 'serialNumber' | 'settings' | 'learnt' | 'signals'>> & {
    /** Name in either case, or number. */
    readonly protocol: string | number;
    /** Symbol in either case. */
    readonly interval: string;
  };

export type MeterFaultKind =
  | 'list full'
  | 'no such meter'
  | 'port'
  | 'protocol'
  | 'protocol not built in'
  | 'protocol not on port'
  | 'address'
  | 'interval'
  | 'text too long';

/** Why a change to the list was refused, in words. */
export interface MeterFault {
  readonly kind: MeterFaultKind;
  readonly message: string;
  readonly hint?: string;
}

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: MeterFault };

export const AD_INPUT_PORT = 128;

/** Long enough for any INMAT or Modbus address with its commands, short enough to bound a hostile file. */
const MAX_ADDRESS_LENGTH = 1000;
const MAX_TEXT_LENGTH = 2000;
const MAX_SIGNALS = 64;

type MeterFields = Omit<Meter, 'id' | 'since'>;

export function fault(kind: MeterFaultKind, message: string, hint?: string): { ok: false; fault: MeterFault } {
  return { ok: false, fault: hint === undefined ? { kind, message } : { kind, message, hint } };
}

/** Checks and normalizes what was stated: protocol by its name, interval in upper case, the address by its protocol. */
export function checkMeter(draft: MeterDraft, registry: ListedProtocols): Checked<MeterFields> {
  const { port, address } = draft;
  if (!Number.isInteger(port) || port < 1 || port > AD_INPUT_PORT) {
    return fault('port', `There is no port ${port}.`, 'Serial ports are 1 to 127, A/D inputs are port 128.');
  }
  const known = registry.find(draft.protocol);
  const protocol = known?.name ?? protocolName(draft.protocol);
  if (!protocol) return fault('protocol', `No protocol is called ${JSON.stringify(draft.protocol)}.`);
  const isInput = known ? known.wire === 'inputs' : protocol === INPUTS;
  if (isInput !== (port === AD_INPUT_PORT)) {
    return fault(
      'protocol not on port',
      `${protocol} cannot be used on port ${port}.`,
      `${INPUTS} goes with port 128.`,
    );
  }
  if (!known) return fault('protocol not built in', `${protocol} is not built in.`);
  const interval = parseInterval(draft.interval);
  if (!interval)
    return fault(
      'interval',
      `${JSON.stringify(draft.interval)} is no interval.`,
      'Intervals are 1M to 30M, 1H to 12H and 1D.',
    );

  const { signals = [] } = draft;
  if (signals.length > MAX_SIGNALS) return fault('text too long', `At most ${MAX_SIGNALS} registers can be watched.`);
  const watched = signals.flatMap(({ code, name }) => [code, name]);
  const texts = [draft.name, draft.place, draft.notes, draft.serialNumber, ...watched];
  if (address.length > MAX_ADDRESS_LENGTH || texts.some((text) => (text?.length ?? 0) > MAX_TEXT_LENGTH)) {
    return fault('text too long', 'The address may have 1000 characters, other texts 2000.');
  }
  try {
    registry.checkAddress(protocol, address);
  } catch (error) {
    if (!(error instanceof MeterError)) throw error;
    return fault('address', error.message, error.hint);
  }
  const { name, place, notes, serialNumber, learnt = {} } = draft;
  // Those of another protocol, or of an earlier version, mean nothing any more.
  const settings = fittingValues(known.settings, draft.settings);
  return {
    ok: true,
    value: {
      port,
      protocol,
      address,
      interval,
      enabled: draft.enabled ?? true,
      ...(name === undefined ? {} : { name }),
      ...(place === undefined ? {} : { place }),
      ...(notes === undefined ? {} : { notes }),
      ...(serialNumber === undefined ? {} : { serialNumber }),
      ...(Object.keys(settings).length === 0 ? {} : { settings }),
      ...(Object.keys(learnt).length === 0 ? {} : { learnt }),
      ...(signals.length === 0 ? {} : { signals }),
    },
  };
}
