import type { MeterRecord } from '../../log/meter-record.ts';
import { rateIn } from '../../protocols/address-text.ts';
import type { ErrorBook } from '../../protocols/error-book.ts';
import { protocols } from '../../protocols/registry.ts';

let book: ErrorBook | undefined = $state.raw();
let loading: Promise<ErrorBook> | undefined;

/** What codes mean; not part of the first load. Rejects where it can't be loaded, and the next who asks tries anew. */
export function loadErrorBook(): Promise<ErrorBook> {
  loading ??= import('../../protocols/error-book.ts').then(async (module) => {
    return (book = await module.loadErrorBook(protocols));
  });
  loading.catch(() => (loading = undefined));
  return loading;
}

/** The same for what is shown: undefined until it is there. What it explains is shown without it. */
export function errorBook(): ErrorBook | undefined {
  if (!book) loadErrorBook().catch(() => undefined);
  return book;
}

/** The rate that a failure of a record speaks of: as it was kept, else as the address says it. */
export const rateOfRecord = ({ circumstances, address = '' }: MeterRecord): string =>
  `${circumstances?.baudRate ?? rateIn(address) ?? 300}\u00a0Bd`;

/** What a technician would say of a code: "No answer at 300 Bd." */
export function headlineOf(code: number, baudRate: number): string {
  return (errorBook()?.find(code)?.headline ?? 'The read failed.').replace('{rate}', `${baudRate}\u00a0Bd`);
}
