import { otherMeter } from '../../common/meter-identity.ts';
import type { MbusAddress } from './address.ts';
import { decodeMbus } from './decode.ts';

/** On the plate stands the number of the header, or the one its maker gave it. */
const NUMBERS = ['Identification number', 'Fabrication number'];

/** The numbers that telegrams (hex) give of their meter. */
function ownNumbers(data: string): readonly string[] {
  return decodeMbus({ identification: '', data }).flatMap(({ quantity, value, state }) =>
    NUMBERS.includes(quantity) && value.type === 'text' && state === 'whole' ? [value.text] : [],
  );
}

/**
 * The number of the meter that sent the telegrams, where another one is known to be at the address. A primary address is a
 * place on the bus; whom a whole secondary address selects is the one that was meant, whatever stands on its plate.
 */
export function wrongMeter(address: MbusAddress, data: string, known: string | undefined): string | undefined {
  if (known === undefined || (address.kind === 'secondary' && !address.identification.includes('F'))) return undefined;
  return otherMeter(ownNumbers(data), { known });
}
