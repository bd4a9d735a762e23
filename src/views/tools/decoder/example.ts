/** To try the page with: the answer of a made-up heat meter at primary address 5 of an M-Bus. */
export const exampleFrame = [
  '68 3D 3D 68 08 05 72',
  '21 43 65 87 15 3D 01 04', // number 87654321, manufacturer OHU, version, heat
  '2A 00 00 00', // access number 42, status OK, no signature
  '0C 06 57 30 01 00', // energy 13 057 kWh
  '0C 14 81 26 04 00', // volume 426.81 m³
  '0B 2D 34 01 00', // power 13.4 kW
  '0B 3B 28 05 00', // flow 0.528 m³/h
  '0A 5A 63 06', // flow temperature 66.3 °C
  '0A 5E 17 04', // return temperature 41.7 °C
  '04 6D 0F 0A 54 3B', // 2026-11-20 10:15
  '4C 06 95 12 01 00', // energy at the last due date 11 295 kWh
  '42 6C 5F 3C', // that due date: 2026-12-31
  '41 16',
].join(' ');
