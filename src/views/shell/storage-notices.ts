import type { EngineState } from '../../engine/api.ts';

/** Is there anything to say? The words for it are loaded only then. */
export function hasStorageNotice({ storage, portTrouble }: EngineState): boolean {
  const { notRecording, fullSince, phase, notice, restored, clockWrong, copy } = storage;
  return (
    [notRecording, fullSince, notice, restored, copy.kept, portTrouble].some((each) => each !== undefined) ||
    phase !== 'ready' ||
    clockWrong
  );
}
