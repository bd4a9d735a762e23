import { createContext } from 'svelte';
import type { ArchiveClient } from '../archive/client.ts';
import type { EngineClient } from '../engine/client.ts';
import type { Background } from './background/background.svelte.ts';
import type { AppUpdate } from './app-update.svelte.ts';
import type { ReadDesk } from './read/read-desk.svelte.ts';
import type { MeterDesk } from './meters/meter-desk.svelte.ts';
import type { Preferences } from './settings/preferences.svelte.ts';
import type { Announcer } from './shell/announcer.svelte.ts';
import type { EngineWatch } from './shell/engine-watch.svelte.ts';
import type { Router } from './shell/router.svelte.ts';

/** What lives as long as the page and what every place may ask for. */
export interface Services {
  readonly engine: EngineClient;
  readonly archive: ArchiveClient;
  readonly watch: EngineWatch;
  readonly router: Router;
  readonly preferences: Preferences;
  readonly announcer: Announcer;
  /** The reading on the desk goes on while another place is looked at. */
  readonly desk: ReadDesk;
  /** So do the readings of the meter list. */
  readonly meters: MeterDesk;
  readonly update: AppUpdate;
  /** Comes when somebody asks, or when there is something that goes on by itself. */
  background(): Promise<Background>;
}

export const [getServices, setServices] = createContext<Services>();
