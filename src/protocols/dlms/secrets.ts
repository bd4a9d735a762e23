import type { SecretField } from '../../common/secret.ts';

export const dlmsSecrets: readonly SecretField[] = [
  {
    name: 'association password',
    label: 'DLMS password (low level security)',
    kind: 'text',
    length: 64,
    help: 'For every client but the public one (16)',
  },
];
