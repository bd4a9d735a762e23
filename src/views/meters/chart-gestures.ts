import { panned, zoomed, type ChartRange } from './chart-range.ts';

export interface ChartView {
  /** What is shown now. */
  range(): ChartRange;
  bounds(): ChartRange;
  show(range: ChartRange): void;
}

/**
 * Touch on the chart: one finger moves it, two pinch it. A mouse drags a stretch to zoom into, which the chart itself
 * does. Up and down stay the page's, so that one can scroll past. Returns the way to stop.
 */
export function followGestures(surface: HTMLElement, view: ChartView): () => void {
  const fingers = new Map<number, number>();
  const stop = new AbortController();
  const options = { signal: stop.signal };
  surface.style.touchAction = 'pan-y';

  /** The moment under a place on the screen. */
  function momentAt(x: number): number {
    const { left, width } = surface.getBoundingClientRect();
    const { min, max } = view.range();
    return min + ((x - left) / width) * (max - min);
  }

  const spread = () => {
    const [a = 0, b = 0] = fingers.values();
    return { distance: Math.max(1, Math.abs(a - b)), center: (a + b) / 2 };
  };

  surface.addEventListener(
    'pointerdown',
    ({ pointerType, pointerId, clientX }) => {
      if (pointerType === 'touch' && fingers.size < 2) fingers.set(pointerId, clientX);
    },
    options,
  );
  surface.addEventListener(
    'pointermove',
    ({ pointerId, clientX }) => {
      const before = fingers.get(pointerId);
      if (before === undefined) return;
      const was = spread();
      fingers.set(pointerId, clientX);
      if (fingers.size === 1) {
        view.show(panned(view.range(), (before - clientX) / surface.clientWidth, view.bounds()));
      } else {
        const { distance, center } = spread();
        view.show(zoomed(view.range(), was.distance / distance, view.bounds(), momentAt(center)));
      }
    },
    options,
  );
  for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const) {
    surface.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId), options);
  }
  return () => stop.abort();
}
