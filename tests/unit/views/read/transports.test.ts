import { expect, test } from 'vitest';
import { transportAdvice } from '../../../../src/views/read/transports.ts';

const none = { secure: true, serial: false, usb: false, bluetooth: false };

test('with Web Serial there is nothing to say', () => {
  expect(transportAdvice({ ...none, serial: true })).toEqual([]);
});

test('each device hears what would work on it', () => {
  expect(transportAdvice({ ...none, secure: false })[0]).toContain('https');
  expect(transportAdvice({ ...none, usb: true, bluetooth: true }).join(' ')).toContain('Android 17');
  expect(transportAdvice({ ...none, bluetooth: true })[0]).toContain('Bluetooth');
  expect(transportAdvice(none).length).toBeGreaterThan(2);
});
