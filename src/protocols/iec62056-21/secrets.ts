import type { SecretField } from '../../common/secret.ts';

/** P1 carries up to 32 characters; most makes want eight. */
export const iecSecrets: readonly SecretField[] = [
  {
    name: 'password',
    label: 'Password for programming mode',
    kind: 'text',
    length: 32,
    help: 'Sent before registers or a load profile are read by command; mostly eight characters',
  },
];
