/** https://wicg.github.io/web-app-launch/, not in lib.dom. */
interface LaunchQueue {
  setConsumer(consumer: (launch: { readonly targetURL?: string }) => void): void;
}

/**
 * With `launch_handler: focus-existing` a shortcut of the installed app comes to the open window, without a navigation
 * that would reload the page in the middle of a reading: only the route in the hash is followed.
 */
export function followLaunches(): void {
  const { launchQueue } = globalThis as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(({ targetURL }) => {
    const hash = targetURL === undefined ? '' : new URL(targetURL).hash;
    if (hash) location.hash = hash;
  });
}
