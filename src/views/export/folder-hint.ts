import { loadStored, saveStored } from '../components/stored.ts';

/** Whether there is a folder that new records go to, before anything is loaded that knows which: that is in the database. */
const KEY = 'folder-export';

export const expectsFolder = () => loadStored(KEY, (value) => value === true);

export function expectFolder(expected: boolean): void {
  saveStored(KEY, expected);
}
