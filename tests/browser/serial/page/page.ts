import type { ReadReport, ReadRequest } from './read-worker.ts';

declare global {
  interface Window {
    /** One read in a fresh dedicated worker over the first serial port that is granted. */
    readMeter: (request: ReadRequest) => Promise<ReadReport>;
  }
}

window.readMeter = (request) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./read-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<ReadReport>) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(request);
  });
