/** What is worth knowing of a USB-serial chip before blaming the head. By USB vendor id. */
const notes: Readonly<Record<number, string>> = {
  0x0403: 'Needs no driver on most systems, Android 17 included. The usual chip of good heads.',
  0x10c4: 'Windows and macOS may want the maker’s driver; stock Android has none for it.',
  0x1a86:
    'On Linux the braille service brltty may take it away; on Windows keep its driver up to date; stock Android has none for it.',
  0x067b:
    'Some of its drivers refuse to set the control lines, which feed some heads; on Windows old or copied chips are locked out by the driver.',
};

export function chipNote(usbVendorId: number | undefined): string {
  return (usbVendorId === undefined ? undefined : notes[usbVendorId]) ?? '';
}

/** "0403:6001", as device managers print it; empty for a port that is not USB. */
export function usbIds(usbVendorId: number | undefined, usbProductId: number | undefined): string {
  if (usbVendorId === undefined) return '';
  const hex = (id: number) => id.toString(16).toUpperCase().padStart(4, '0');
  return `${hex(usbVendorId)}:${hex(usbProductId ?? 0)}`;
}
