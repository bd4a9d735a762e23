import type { SecretField } from '../../common/secret.ts';

/** By which the keys of radio telegrams are kept. */
export const RADIO_KEY = 'radioKey';

export const wmbusSecrets: readonly SecretField[] = [
  {
    name: RADIO_KEY,
    label: 'Radio key (wireless M-Bus)',
    kind: 'hex',
    length: 16,
    help: 'AES-128, 32 hexadecimal digits, from whoever supplied the meter. By the number that the meter sends.',
  },
];
