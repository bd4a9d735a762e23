type ReminderAnswer = { readonly on: boolean } | { readonly fault: string };

/** Not in TypeScript's library (WICG Periodic Background Sync, Chromium only). */
interface PeriodicSync {
  register(tag: string, options: { minInterval: number }): Promise<void>;
  unregister(tag: string): Promise<void>;
}

const TAG = 'due';
/** The shortest that Chromium grants, ms. */
const HALF_A_DAY = 12 * 3_600_000;

/** The notification "3 readings due" while no window is open. */
export class Reminder {
  #on = $state(false);
  permission: NotificationPermission | 'unsupported' = $state(permission());
  /** Whether the browser will look by itself while no window is open; undefined until it said. */
  wakes: boolean | undefined = $state();
  fault = $state('');

  get on(): boolean {
    return this.#on && this.permission === 'granted';
  }

  async load(): Promise<void> {
    await this.#try(async () => {
      const worker = await activeWorker();
      this.#on = worker !== undefined && (await askWorker(worker, {}));
      if (this.on) await this.#arrange(true);
    });
  }

  /** Asks for the permission where that has not happened; needs a gesture. */
  async set(on: boolean): Promise<void> {
    await this.#try(async () => {
      if (on && this.permission === 'default') this.permission = await Notification.requestPermission();
      const worker = await activeWorker();
      if (!worker) throw new Error('What reminds of readings is not on this device yet. Reload the page.');
      this.#on = await askWorker(worker, { on: on && this.permission === 'granted' });
      await this.#arrange(this.#on);
    });
  }

  /** Periodic wake-ups are granted to installed apps that are used often, and to no others. */
  async #arrange(on: boolean): Promise<void> {
    const registration = await navigator.serviceWorker.getRegistration();
    const sync =
      registration && 'periodicSync' in registration ? (registration.periodicSync as PeriodicSync) : undefined;
    if (!sync) {
      this.wakes = false;
      return;
    }
    const { state } = await navigator.permissions.query({ name: 'periodic-background-sync' as PermissionName });
    this.wakes = state === 'granted';
    if (!on) await sync.unregister(TAG);
    else if (this.wakes) await sync.register(TAG, { minInterval: HALF_A_DAY });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.fault = '';
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
    }
  }
}

/** Undefined before the app is stored on this device. */
async function activeWorker(): Promise<ServiceWorker | undefined> {
  if (!('serviceWorker' in navigator)) return undefined;
  return (await navigator.serviceWorker.getRegistration())?.active ?? undefined;
}

/** The service worker reminds, so it keeps the choice; it is changed with `on`. */
async function askWorker(worker: ServiceWorker, choice: { readonly on?: boolean }): Promise<boolean> {
  const { messageSW } = await import('workbox-window');
  const answer = (await messageSW(worker, { type: 'REMINDER', ...choice })) as ReminderAnswer;
  if ('fault' in answer) throw new Error(answer.fault);
  return answer.on;
}

function permission(): NotificationPermission | 'unsupported' {
  return 'Notification' in globalThis && 'serviceWorker' in navigator ? Notification.permission : 'unsupported';
}
