let arrivals = 0;

/**
 * Moves the focus to a place's heading when the place is entered, so that a screen reader and the Tab key begin there;
 * the first place after loading the page leaves the focus alone.
 */
export function focusOnArrival(heading: HTMLElement): void {
  if (arrivals++ > 0) heading.focus({ preventScroll: true });
}
