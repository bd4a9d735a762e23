import type { SimulatedMeter } from '../../simulated-meter.ts';

/** What is simulated. */
export const dlmsSimulated: readonly SimulatedMeter[] = [
  {
    id: 'dlms-household',
    name: 'DLMS household meter',
    description: 'Electricity, two tariffs, a profile of 31 days. RS-485, 9600 Bd, 8N1, server 1/17, no security.',
    address: '1/17@9600',
    farEnd: async () => {
      const [{ meterAt }, { household }] = await Promise.all([import('./secondary.ts'), import('./household.ts')]);
      return meterAt(household, { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' });
    },
  },
  {
    id: 'dlms-password',
    name: 'DLMS meter with a password',
    description: 'As the one before, but for everybody else than the public client: low level security, 12345678.',
    address: '1/17@9600',
    settings: { client: 32 },
    farEnd: async () => {
      const [{ meterAt }, { household }, { changeable }] = await Promise.all([
        import('./secondary.ts'),
        import('./household.ts'),
        import('./changeable.ts'),
      ]);
      const line = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;
      return meterAt({ ...changeable(household), password: '12345678' }, line);
    },
  },
  {
    id: 'dlms-keys',
    name: 'DLMS meter with keys',
    description: 'The same with HLS 5, suite 0. Encryption key OpenHHU-demo-EK1, authentication key OpenHHU-demo-AK1.',
    address: '1/17@9600',
    settings: { client: 1, security: 'HLS 5' },
    farEnd: async () => {
      const [{ meterAt }, { keyed }] = await Promise.all([import('./secondary.ts'), import('./keyed.ts')]);
      return meterAt(keyed, { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' });
    },
  },
  {
    id: 'dlms-head',
    name: 'DLMS meter with optical head',
    description:
      'Electricity, two tariffs. Signs on at 300 Bd, then HDLC at 9600 Bd (mode E), server 1/17, no security.',
    address: '1/17@9600',
    settings: { opening: 'mode E' },
    farEnd: async () => {
      const [{ headMeter }, { household }] = await Promise.all([import('./head-meter.ts'), import('./household.ts')]);
      const confirmation = { text: '\x06252\r\n', isAtFirstRate: false };
      return headMeter({ ...household, identification: 'OHU5\\2DLMS-1', baudRate: 9600, confirmation });
    },
  },
  {
    id: 'dlms-push',
    name: 'DLMS meter that pushes',
    description: 'Electricity at its customer port: sends its values every ten seconds, 2400 Bd, 8N1, no security.',
    address: '1@2400',
    settings: { opening: 'push' },
    farEnd: async () => {
      const [{ pushingMeter }, { household }] = await Promise.all([import('./pushing.ts'), import('./household.ts')]);
      return pushingMeter(household, { baudRate: 2400, dataBits: 8, stopBits: 1, parity: 'none' }, 10_000);
    },
  },
];
