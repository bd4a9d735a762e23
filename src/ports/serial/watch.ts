import type { Port, PortInfo } from '../../line/port.ts';
import type { Clock } from '../../common/clock.ts';
import type { KnownPorts } from '../transport.ts';
import { usbChipName } from '../usb-chips.ts';
import type { webSerialPort } from './port.ts';

interface Slot {
  readonly info: PortInfo;
  serial: SerialPort | undefined;
  port: Port | undefined;
}

/**
 * Watches `navigator.serial`. A replugged adapter is a *new* SerialPort object (WICG#156, #181): it takes the slot of
 * the lost one with the same signature, so that settings and labels stay with it. The browser tells no serial number;
 * two alike adapters are told apart by the order in which they came (WICG#128).
 */
export function watchSerialPorts(serial: Serial, clock: Clock, onChange: () => void): KnownPorts {
  const slots: Slot[] = [];

  function adopt(object: SerialPort, makePort: typeof webSerialPort): void {
    if (slots.some((slot) => slot.serial === object)) return;
    const { usbVendorId, usbProductId } = object.getInfo();
    const signature = usbVendorId === undefined ? 'serial' : `usb:${hex(usbVendorId)}:${hex(usbProductId ?? 0)}`;
    let slot = slots.find(({ info, serial: held }) => !held && info.id.startsWith(`${signature}#`));
    if (!slot) {
      const ordinal = slots.filter(({ info }) => info.id.startsWith(`${signature}#`)).length + 1;
      const chip = usbChipName(usbVendorId, usbProductId);
      const name = chip ?? (usbVendorId === undefined ? 'Serial port' : `USB adapter ${hex(usbVendorId)}`);
      slot = {
        info: {
          id: `${signature}#${ordinal}`,
          label: ordinal === 1 ? name : `${name} (${ordinal})`,
          transport: 'serial',
          ...(chip === undefined ? {} : { chip }),
          ...(usbVendorId === undefined ? {} : { usbVendorId }),
          ...(usbProductId === undefined ? {} : { usbProductId }),
        },
        serial: undefined,
        port: undefined,
      };
      slots.push(slot);
    }
    slot.serial = object;
    slot.port = makePort(object, slot.info, clock, () => isListed(object));
  }

  function release(object: SerialPort): void {
    const slot = slots.find(({ serial: held }) => held === object);
    if (slot) slot.serial = slot.port = undefined;
  }

  /** A slow answer must not bring back a port that was unplugged meanwhile. */
  let generation = 0;
  async function refresh(): Promise<void> {
    const mine = ++generation;
    const granted = await serial.getPorts();
    // Most first visits have none.
    const driver = granted.length > 0 ? await import('./port.ts') : undefined;
    if (mine !== generation) return;
    for (const slot of slots) if (slot.serial && !granted.includes(slot.serial)) release(slot.serial);
    // `connected` is missing before Chromium 130; what is granted then counts as plugged in.
    for (const object of granted) if (driver && object.connected !== false) adopt(object, driver.webSerialPort);
    onChange();
  }

  /** Nothing tells of an adapter that goes while the device sleeps. */
  async function isListed(object: SerialPort): Promise<boolean> {
    const isThere = (await serial.getPorts()).includes(object) && object.connected !== false;
    if (!isThere) refreshSoon();
    return isThere;
  }

  const refreshSoon = () => void refresh().catch((error: unknown) => console.error('serial ports', error));
  serial.addEventListener('connect', refreshSoon);
  serial.addEventListener('disconnect', ({ target }) => {
    generation++;
    if (target) release(target as SerialPort);
    onChange();
    refreshSoon();
  });

  return {
    get present() {
      return slots.flatMap(({ port }) => (port ? [port] : []));
    },
    get lost() {
      return slots.flatMap(({ port, info }) => (port ? [] : [info]));
    },
    refresh,
  };
}

const hex = (id: number) => id.toString(16).padStart(4, '0');
