import type { StorageFault } from '../../log/storage-health.ts';

/** Why nothing, or one reading, is kept, as the end of a sentence. */
export const faultWords: Readonly<Record<StorageFault | 'refused' | 'slow', string>> = {
  full: 'the storage is full',
  denied: 'the browser lets this site keep nothing',
  closed: 'the browser closed the storage',
  newer: 'a newer OpenHHU has changed the storage',
  failed: 'the storage failed',
  refused: 'the log cannot take it',
  slow: 'the storage has not answered yet',
};

/** What to do about it. */
export const faultAdvice: Readonly<Record<StorageFault | 'refused' | 'slow', string>> = {
  full: 'Make room on this device, or export the log and delete records of it.',
  denied: 'Allow site data for this address in the settings of the browser, then load the page again.',
  closed: 'It is opened again with the next reading; if that does not help, load the page again.',
  newer: 'Load the page again to get that one. Nothing is lost.',
  failed:
    'The disk may be full or damaged: make room on it, export what the log still shows, then restart the browser.',
  slow: 'The readout is here all the same: note it down, or save it, if it matters now.',
  refused: 'Where it is larger than the whole log, give that more room in the settings.',
};
