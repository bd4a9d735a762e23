/** Sends the service worker a message and resolves with its answer, of whatever kind; never, where it gives none. */
export function askServiceWorker(worker: ServiceWorker, message: { readonly type: string }): Promise<unknown> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage(message, [port2]);
  });
}
