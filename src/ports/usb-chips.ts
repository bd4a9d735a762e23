/**
 * Names of the USB-serial chips found in optical heads and adapters. A vendor id only tells the chip, never the head;
 * product ids are named where one vendor makes several chips.
 */
const CHIPS: readonly { readonly vendorId: number; readonly productId?: number; readonly name: string }[] = [
  { vendorId: 0x0403, productId: 0x6001, name: 'FTDI FT232R' },
  { vendorId: 0x0403, productId: 0x6010, name: 'FTDI FT2232' },
  { vendorId: 0x0403, productId: 0x6011, name: 'FTDI FT4232' },
  { vendorId: 0x0403, productId: 0x6014, name: 'FTDI FT232H' },
  { vendorId: 0x0403, productId: 0x6015, name: 'FTDI FT230X' },
  { vendorId: 0x0403, name: 'FTDI' },
  { vendorId: 0x10c4, productId: 0xea60, name: 'Silicon Labs CP210x' },
  { vendorId: 0x10c4, productId: 0xea70, name: 'Silicon Labs CP2105' },
  { vendorId: 0x10c4, name: 'Silicon Labs' },
  { vendorId: 0x1a86, productId: 0x7523, name: 'WCH CH340' },
  { vendorId: 0x1a86, productId: 0x5523, name: 'WCH CH341' },
  { vendorId: 0x1a86, name: 'WCH' },
  { vendorId: 0x067b, productId: 0x2303, name: 'Prolific PL2303' },
  { vendorId: 0x067b, name: 'Prolific' },
  { vendorId: 0x04d8, name: 'Microchip' },
  { vendorId: 0x0483, name: 'ST Microelectronics' },
  { vendorId: 0x2341, name: 'Arduino' },
];

/** The chip's name, or undefined for a port that is not USB or a vendor not in the table. */
export function usbChipName(vendorId: number | undefined, productId: number | undefined): string | undefined {
  const rows = CHIPS.filter((chip) => chip.vendorId === vendorId);
  return (rows.find((chip) => chip.productId === productId) ?? rows.find((chip) => chip.productId === undefined))?.name;
}
