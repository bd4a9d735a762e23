/**
 * Keeps the tablet's screen on until `done` settles: a readout at 300 Bd takes minutes, and a sleeping tablet may cut
 * the adapter's power. A browser that refuses (low battery, no such feature) reads all the same.
 */
export async function keepScreenOn(done: Promise<void>): Promise<void> {
  if (!('wakeLock' in navigator)) return;
  try {
    const lock = await navigator.wakeLock.request('screen');
    await done;
    await lock.release();
  } catch (refusal) {
    console.info('The screen may turn off while reading:', refusal);
  }
}
