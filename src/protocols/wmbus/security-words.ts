import type { OpenedTelegram } from './opened.ts';

/** How the protection was taken off; empty where there was none, or it is still there. */
export function openedWords({ security, cipher, isProved }: OpenedTelegram): string {
  switch (security) {
    case 'opened':
      return `${cipher}, opened${isProved ? ' and proved' : ''}`;
    case 'opened, check bytes differ':
      return `${cipher}, opened; its check bytes are others than the standard's`;
    case 'taken off before':
      return `${cipher}, opened by whoever received it`;
    default:
      return '';
  }
}

/** Why bytes are closed; `trouble` says why a key that may be there could not be had. */
export function closedWords({ security, cipher }: OpenedTelegram, trouble = ''): string {
  switch (security) {
    case 'wrong key':
      return `encrypted, ${cipher}: the key does not fit`;
    case 'not supported':
      return `encrypted, ${cipher}: ${UNSUPPORTED[cipher] ?? 'a way that this version does not open'}`;
    default:
      return `encrypted, ${cipher}: ${trouble === '' ? 'there is no key for this meter' : trouble}`;
  }
}

const UNSUPPORTED: Readonly<Record<string, string>> = {
  'mode 2': 'DES, which this version does not open',
  'mode 3': 'DES, which this version does not open',
  'mode 7': 'its message counter is not in this telegram',
  'mode 13': 'TLS, which cannot be opened by listening',
};
