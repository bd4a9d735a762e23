/** What else the browser offers to reach a device; it tells what kind of browser on what kind of device this is. */
export interface Offers {
  readonly secure: boolean;
  readonly usb: boolean;
  readonly bluetooth: boolean;
}

/** Why no head can be connected where there is no Web Serial, and what would work on this device. */
export function missingSerial({ secure, usb, bluetooth }: Offers): readonly string[] {
  if (!secure) {
    return [
      'This page came over an insecure connection. Open it over https, or from localhost, and the browser can offer its serial ports.',
    ];
  }
  if (usb) {
    return [
      'This browser reaches USB devices, but has no Web Serial.',
      'On an Android tablet: Chrome 148 or later on Android 17 reads over a USB head.',
      'On a computer: update the browser; Chrome and Edge have had Web Serial since version 89.',
    ];
  }
  if (bluetooth) {
    return [
      'This browser reaches Bluetooth devices, but no wired head.',
      'For a wired head: Chrome or Edge on Windows, macOS, Linux or ChromeOS, Firefox 151 or later on a computer, or Chrome 148 on Android 17.',
    ];
  }
  return [
    'This browser reaches no adapter, wired or not.',
    'On a computer: Chrome, Edge or Opera (version 89 or later), or Firefox (151 or later).',
    'On an Android tablet: Chrome 148 or later on Android 17.',
    'On an iPhone or iPad no browser can use a wired head.',
  ];
}
