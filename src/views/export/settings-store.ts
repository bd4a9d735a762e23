/**
 * Values that only IndexedDB can keep (a folder's handle) or that the service worker reads too, in the store `settings`
 * of the one database. The engine makes and upgrades that database; here it is opened as it is, for one use at a time.
 */
const DATABASE = 'openhhu';
const STORE = 'settings';

export async function getSetting(key: string): Promise<unknown> {
  const row: unknown = await withStore('readonly', (store): IDBRequest<unknown> => store.get(key));
  return typeof row === 'object' && row !== null && 'value' in row ? row.value : undefined;
}

export async function putSetting(key: string, value: unknown): Promise<void> {
  await withStore('readwrite', (store) => store.put({ key, value }));
  tellEngine();
}

export async function deleteSetting(key: string): Promise<void> {
  await withStore('readwrite', (store) => store.delete(key));
  tellEngine();
}

/** The engine keeps the second copy, of settings too. */
function tellEngine(): void {
  const channel = new BroadcastChannel(`${DATABASE}-settings`);
  channel.postMessage('changed');
  channel.close();
}

async function withStore<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: 'strict' });
      const request = use(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('The browser stopped the writing.'));
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE);
    // Not there yet: an empty database would stand in the way of the engine's own.
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The database could not be opened.'));
  });
}
