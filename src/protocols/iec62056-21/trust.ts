import type { StoredData } from '../stored-data.ts';

/** A block that carries no check character is vouched for by its characters' parity, where the meter sends one. */
const WITHOUT_PARITY: readonly (string | undefined)[] = ['none', 'mark', 'mixed'];

/**
 * Does something vouch for the text of this readout: a check character that is right, or parity where there is none? A
 * listing of another unit says nothing of either; there the error code decides.
 */
export function isVouchedFor({ errorCode = 0, circumstances = {} }: StoredData): boolean {
  const { blockCheck, partial, parity, borneOut } = circumstances;
  if (errorCode !== 0 || partial === true) return false;
  // A pushed telegram without a check is what the next one says of it.
  if (borneOut !== undefined) return borneOut;
  switch (blockCheck) {
    case 'bad':
    case 'not checked':
      return false;
    case 'absent':
      return !WITHOUT_PARITY.includes(parity);
    default:
      return true;
  }
}
