import { counted, type Load } from '../../../simulator/load.ts';
import { current, energies, power, voltage } from '../../../simulator/registers.ts';
import { scatter } from '../../../simulator/random.ts';
import type { Quantity } from '../profiles/quantities.ts';

/** Share of each phase in what is drawn. */
const SHARES = [0.42, 0.33, 0.25] as const;
const COS_PHI = 0.97;
const HARMONICS = 1.8;

/** What a quantity is at a time in its usual unit: W, kWh, V, A, Hz. */
export function valueAt(quantity: Quantity, load: Load, time: number, number: number): number {
  const [, name = '', part = ''] = /^(.*?)(L[1-3]|T[12])?$/.exec(quantity) ?? [];
  const phase = part.startsWith('L') ? Number(part.slice(1)) - 1 : undefined;
  const share = phase === undefined ? 1 : (SHARES[phase] ?? 0);
  const watts = share * power(load, time) * 1000;
  const kilowattHours = () => {
    if (!part.startsWith('T')) return share * counted(load, time);
    return energies(load, time).tariff[Number(part.slice(1)) - 1] ?? 0;
  };
  switch (name) {
    case 'Voltage':
      return voltage(load.seed, phase ?? 0, time);
    // Between two phases: of the first one's name and the second's number.
    case 'VoltageL12':
    case 'VoltageL23':
    case 'VoltageL31':
      return Math.sqrt(3) * voltage(load.seed, 0, time);
    case 'Current':
      return phase === undefined ? watts / voltage(load.seed, 0, time) : current(load, phase, time);
    case 'Power':
    case 'ImportPower':
      return watts;
    case 'ReactivePower':
      return watts * Math.tan(Math.acos(COS_PHI));
    case 'ApparentPower':
      return watts / COS_PHI;
    case 'Cosphi':
      return COS_PHI;
    case 'PhaseAngle':
      return (Math.acos(COS_PHI) * 180) / Math.PI;
    case 'Frequency':
      return 49.98 + 0.04 * scatter(load.seed, Math.floor(time / 1000));
    case 'THD':
      return HARMONICS;
    case 'Import':
    case 'Sum':
      return kilowattHours();
    case 'ReactiveImport':
    case 'ReactiveSum':
      return kilowattHours() * Math.tan(Math.acos(COS_PHI));
    case 'SerialNumber':
      return number;
    default:
      // Nothing is given back.
      return 0;
  }
}
