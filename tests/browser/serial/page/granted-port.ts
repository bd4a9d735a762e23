import type { Port } from '../../../../src/line/port.ts';
import { webSerialPort } from '../../../../src/ports/serial/port.ts';
import { systemClock } from '../../../../src/common/clock.ts';

/** The first serial port that is granted to this page. */
export async function grantedPort(): Promise<Port> {
  const [serial] = await navigator.serial.getPorts();
  if (!serial) throw new Error('No serial port is granted to this page.');
  return webSerialPort(serial, { id: 'serial#1', label: 'Serial port', transport: 'serial' }, systemClock);
}
