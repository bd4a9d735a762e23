import engineUrl from '../engine/worker.ts?worker&url';
import type { FrontNews } from '../engine/client.ts';
import { confinedWorker } from './confined-worker.ts';

/** Starts the engine and keeps it informed whether this window is in front. */
export async function startEngineWorker(): Promise<Worker> {
  const worker = await confinedWorker(engineUrl, 'engine');
  const tell = () => worker.postMessage({ front: document.visibilityState === 'visible' } satisfies FrontNews);
  document.addEventListener('visibilitychange', tell);
  tell();
  return worker;
}
