import 'fake-indexeddb/auto';

/** How fake-indexeddb ends a transaction for a cause of its own. */
interface FakeTransaction {
  _abort(errorName: string): void;
}

/**
 * A storage that refuses to take more, as browsers do: a transaction that wrote anything comes to nothing when it is
 * complete, one that only deleted does not. `refuse` is asked at every write for the name of the error.
 */
export async function withRefusingStore<T>(
  refuse: (value: unknown) => string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const { prototype } = IDBObjectStore;
  const { put, add } = prototype;
  const guard = (write: typeof put): typeof put =>
    function (this: IDBObjectStore, ...values) {
      const request = write.apply(this, values);
      const error = refuse(values[0]);
      const transaction = this.transaction as unknown as FakeTransaction;
      if (error !== undefined) request.addEventListener('success', () => transaction._abort(error));
      return request;
    };
  Object.assign(prototype, { put: guard(put), add: guard(add) });
  try {
    return await work();
  } finally {
    Object.assign(prototype, { put, add });
  }
}

/** A store with room for so many characters of JSON more in one value. */
export const nearlyFull =
  (most: number) =>
  (value: unknown): string | undefined =>
    JSON.stringify(value).length > most ? 'QuotaExceededError' : undefined;

export const full = (): string => 'QuotaExceededError';
