import type { StorageState } from '../../engine/storage.ts';

/** Is there anything to say? The words for it are loaded only then. */
export function hasStorageNotice({ notRecording, fullSince, phase, notice, clockWrong }: StorageState): boolean {
  return (
    notRecording !== undefined || fullSince !== undefined || phase !== 'ready' || notice !== undefined || clockWrong
  );
}
