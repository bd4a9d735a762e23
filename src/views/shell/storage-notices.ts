import type { StorageState } from '../../engine/storage.ts';

/** Is there anything to say? The words for it are loaded only then. */
export function hasStorageNotice(storage: StorageState): boolean {
  const { notRecording, fullSince, phase, notice, restored, clockWrong, copy } = storage;
  return (
    [notRecording, fullSince, notice, restored, copy.kept].some((each) => each !== undefined) ||
    phase !== 'ready' ||
    clockWrong
  );
}
