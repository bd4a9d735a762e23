import type { Transport } from '../transport.ts';

/** Optical heads, RS-485 and M-Bus adapters by the Web Serial API: USB, built in, or Bluetooth with a serial profile. */
export const webSerial: Transport = {
  name: 'serial',
  title: 'Web Serial',
  action: 'Connect a head…',
  isHere: () => 'serial' in navigator,
  missing: async () =>
    (await import('./missing.ts')).missingSerial({
      secure: isSecureContext,
      usb: 'usb' in navigator,
      bluetooth: 'bluetooth' in navigator,
    }),
  async connect() {
    try {
      return isLike((await navigator.serial.requestPort()).getInfo());
    } catch (error) {
      // The user closed the browser's chooser.
      if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
      throw error;
    }
  },
  // The browser tells no serial number (WICG/serial#128), so of several adapters with the same chip all are forgotten.
  async forget(info) {
    const isAlike = isLike(info);
    const granted = await navigator.serial.getPorts();
    await Promise.all(granted.filter((port) => isAlike(port.getInfo())).map((port) => port.forget()));
  },
  watch: async (clock, onChange) => (await import('./watch.ts')).watchSerialPorts(navigator.serial, clock, onChange),
};

interface UsbIds {
  readonly usbVendorId?: number | undefined;
  readonly usbProductId?: number | undefined;
}

const isLike =
  (one: UsbIds) =>
  (other: UsbIds): boolean =>
    one.usbVendorId === other.usbVendorId && one.usbProductId === other.usbProductId;
