import { decimalToNumber, parseDecimal } from '../../common/decimal.ts';
import { contradicts } from '../../common/obis.ts';
import { dimensionOf } from '../../common/units.ts';
import { parseDataBlock, type DataSet } from './data-set.ts';
import type { DataMessage } from './data-message.ts';
import { iecErrorCode } from './errors.ts';
import type { IdentificationMessage } from './identification.ts';
import type { BlockCheckPolicy } from './settings.ts';

/** A telegram as it was pushed. */
export interface Telegram {
  readonly message: DataMessage;
  readonly identification: IdentificationMessage | undefined;
  /** Monotonic milliseconds of its end. */
  readonly at: number;
}

export interface PushJudge {
  /** The telegram to keep, once one is vouched for: by its check sum, or by the one before. */
  add(telegram: Telegram): Telegram | undefined;
  /** What there is when no more time is left: an unvouched one before a faulty one. */
  best(): Telegram | undefined;
  /** Whether the one that was kept was borne out by another; undefined where its own check sum decides. */
  readonly borneOut: boolean | undefined;
  /** What has to be said of the telegrams so far. */
  remarks(): readonly string[];
  readonly expectsCrc: boolean;
}

/** No meter counts faster than this, in units of the register (kWh, m³) per second. */
const FASTEST_COUNT = 1;

/**
 * What vouches for a telegram that nobody asked for. A hole of one adapter buffer joins two of them without a trace in
 * their form; only a check sum, or a second telegram that fits the first, shows that a telegram is one.
 */
export function pushJudge(policy: BlockCheckPolicy): PushJudge {
  let good = 0;
  let total = 0;
  let expectsCrc = false;
  let unvouched: Telegram | undefined;
  let faulty: Telegram | undefined;
  let borneOut: boolean | undefined;

  function add(telegram: Telegram): Telegram | undefined {
    const { message } = telegram;
    total++;
    if (message.crc) expectsCrc = true;
    if (!isWhole(telegram)) {
      if (!faulty || faulty.message.block.length <= message.block.length) faulty = torn(telegram);
      return undefined;
    }
    good++;
    if (message.blockCheck === 'ok' || policy === 'none') return telegram;
    const before = unvouched;
    unvouched = telegram;
    if (before && agree(before, telegram)) {
      borneOut = true;
      return telegram;
    }
    // Of two that do not fit one is wrong, and nobody knows which.
    if (before) good--;
    return undefined;
  }

  return {
    add,
    best() {
      if (!unvouched) return faulty;
      if (isJoined(unvouched)) return torn(unvouched);
      borneOut = false;
      return unvouched;
    },
    remarks: () => [
      ...(good < total ? [`${good} of ${total} telegrams were whole`] : []),
      ...(borneOut === false
        ? ['nothing vouches for this telegram: it has no check sum, and no second one came that fits']
        : []),
    ],
    get borneOut() {
      return borneOut;
    },
    get expectsCrc() {
      return expectsCrc;
    },
  };
}

export function isWhole({ message }: Telegram): boolean {
  return message.errorCode === 0 && message.complete && message.blockCheck !== 'bad';
}

/** A register that comes twice, or with another's unit, tells that the telegram was put together of two. */
export const isJoined = ({ message }: Telegram): boolean => isJoinedBlock(message.block);

export function isJoinedBlock(block: string): boolean {
  const sets = dataSets({ block });
  const seen = new Set<string>();
  return sets.some(({ address, values }) => {
    if (address === '') return false;
    if (seen.has(address)) return true;
    seen.add(address);
    return values.some(({ unit }) => unit !== undefined && contradicts(address, unit));
  });
}

function torn(telegram: Telegram): Telegram {
  const { message } = telegram;
  if (message.errorCode !== 0 || message.blockCheck === 'bad') return telegram;
  return { ...telegram, message: { ...message, complete: false, errorCode: iecErrorCode('character timeout') } };
}

function dataSets({ block }: Pick<DataMessage, 'block'>): readonly DataSet[] {
  return parseDataBlock(block).filter((item) => item.kind === 'data set');
}

/** The same registers in the same order, and no counter that fell or ran away. */
export function agree(before: Telegram, after: Telegram): boolean {
  const [earlier, later] = [dataSets(before.message), dataSets(after.message)];
  const seconds = Math.max(1, (after.at - before.at) / 1000);
  return (
    earlier.length === later.length &&
    earlier.every((set, index) => {
      const other = later[index];
      return other?.address === set.address && goesOn(set, other, seconds);
    })
  );
}

function goesOn({ values }: DataSet, other: DataSet, seconds: number): boolean {
  return values.every(({ value, unit = '' }, index) => {
    const next = other.values[index];
    if (!next || (next.unit ?? '') !== unit || next.close !== values[index]?.close) return false;
    const dimension = dimensionOf(unit);
    if (dimension?.counts !== true) return true;
    const [one, two] = [parseDecimal(value), parseDecimal(next.value)];
    if (!one || !two) return value === next.value;
    const rise = (decimalToNumber(two) - decimalToNumber(one)) * dimension.scale;
    return rise >= 0 && rise <= FASTEST_COUNT * seconds;
  });
}
