import { createSubscriber } from 'svelte/reactivity';

/** Is there a network? Nothing here needs one; people want to know that nothing is lost without. */
export class Online {
  readonly #subscribe = createSubscriber((update) => {
    const controller = new AbortController();
    addEventListener('online', update, { signal: controller.signal });
    addEventListener('offline', update, { signal: controller.signal });
    return () => controller.abort();
  });

  get now(): boolean {
    this.#subscribe();
    return navigator.onLine;
  }
}
