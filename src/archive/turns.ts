/** So much may be gone through before others come to their turn, characters of stored data: some ms on a tablet. */
const TURN_LENGTH = 64 * 1024;

/**
 * For a job that takes long, so that a reading that is on the screen does not wait behind an export: told how much is
 * to be gone through next, it lets in, now and then, what was asked of the worker meanwhile.
 */
export function createTurns(): (length: number) => Promise<void> {
  let since = 0;
  return async (length) => {
    since += length;
    if (since < TURN_LENGTH) return;
    since = 0;
    await nextTask();
  };
}

/** Lets messages in. Not by a timer: browsers make the fifth in a row last 4 ms. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
