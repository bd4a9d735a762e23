import type { EngineClient } from '../../engine/client.ts';

/**
 * The service worker as the schedule's second clock, seen from the page: what it finds due the engine looks at, and a
 * window that comes back takes over, which puts reminder and badge away. A window that slept looks at once.
 */
export function followSecondClock(engine: EngineClient): void {
  const look = () => {
    engine.call('tick', undefined).catch((error: unknown) => {
      // The window that owned the engine closed in this moment; the new owner begins with a look of its own.
      console.warn('schedule', error);
    });
  };
  const container = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
  const takeOver = () => {
    look();
    container?.controller?.postMessage({ type: 'WHAT_IS_DUE' });
  };

  container?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    if (data.type === 'TICK') look();
    if (data.type === 'SHOW' && 'hash' in data && typeof data.hash === 'string') location.hash = data.hash;
  });
  container?.addEventListener('controllerchange', takeOver);
  document.addEventListener('resume', takeOver);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') takeOver();
  });
  addEventListener('pageshow', takeOver);
  takeOver();
}
