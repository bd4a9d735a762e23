import { encodeFrame } from '../../../protocols/mbus/frame.ts';
import { encodeManufacturer } from '../../../protocols/mbus/manufacturer.ts';
import { spacedHex } from '../../../protocols/recognize-bytes.ts';

const RSP_UD = 0x08;
const VARIABLE_DATA = 0x72;
const HEAT = 0x04;

/** An answer of a made-up heat meter at primary address 5, to try the page with. */
export function exampleFrame(): string {
  const manufacturer = encodeManufacturer('OHU') ?? 0;
  const data = [
    ...[0x21, 0x43, 0x65, 0x87], // identification number 87654321
    ...[manufacturer & 0xff, manufacturer >> 8, 0x01, HEAT],
    ...[0x2a, 0x00, 0x00, 0x00], // access number 42, status OK, no signature
    ...[0x0c, 0x06, 0x57, 0x30, 0x01, 0x00], // energy 13 057 kWh
    ...[0x0c, 0x14, 0x81, 0x26, 0x04, 0x00], // volume 426.81 m³
    ...[0x0b, 0x2d, 0x34, 0x01, 0x00], // power 13.4 kW
    ...[0x0b, 0x3b, 0x28, 0x05, 0x00], // flow 0.528 m³/h
    ...[0x0a, 0x5a, 0x63, 0x06], // flow temperature 66.3 °C
    ...[0x0a, 0x5e, 0x17, 0x04], // return temperature 41.7 °C
    ...[0x04, 0x6d, 0x0f, 0x0a, 0x54, 0x3b], // 2026-11-20 10:15
    ...[0x4c, 0x06, 0x95, 0x12, 0x01, 0x00], // energy at the last due date 11 295 kWh
    ...[0x42, 0x6c, 0x5f, 0x3c], // that due date: 2026-12-31
  ];
  const frame = { control: RSP_UD, address: 5, controlInformation: VARIABLE_DATA, data: Uint8Array.from(data) };
  return spacedHex(encodeFrame({ kind: 'long', ...frame }));
}
