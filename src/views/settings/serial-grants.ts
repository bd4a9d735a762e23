import type { PortInfo } from '../../line/port.ts';

/**
 * Takes back the permission for a head. The browser tells no serial number (WICG/serial#128), so of several adapters
 * with the same chip all are forgotten; returns how many there were. Only the page can do it for the worker's ports too.
 */
export async function forgetHead({ usbVendorId, usbProductId }: PortInfo): Promise<number> {
  const granted = await navigator.serial.getPorts();
  const alike = granted.filter((port) => {
    const info = port.getInfo();
    return info.usbVendorId === usbVendorId && info.usbProductId === usbProductId;
  });
  for (const port of alike) await port.forget();
  return alike.length;
}
