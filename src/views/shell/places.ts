import type { Component } from 'svelte';
import type { IconName } from '../components/icons.ts';
import { Lazy } from '../lazy.svelte.ts';
import type { Route } from './routes.ts';

export interface Place {
  readonly place: Exclude<Route['place'], 'not found'>;
  readonly name: string;
  readonly icon: IconName;
  readonly content: Lazy<{ readonly default: Component }>;
}

/** The places of the rail, in order; each is its own chunk. A new place is one line here and one in `routes.ts`. */
export const places: readonly Place[] = [
  { place: 'read', name: 'Read', icon: 'read', content: new Lazy(() => import('../read/ReadPlace.svelte')) },
  { place: 'meters', name: 'Meters', icon: 'meters', content: new Lazy(() => import('../meters/MetersPlace.svelte')) },
  { place: 'log', name: 'Log', icon: 'log', content: new Lazy(() => import('../log/LogPlace.svelte')) },
  { place: 'tools', name: 'Tools', icon: 'tools', content: new Lazy(() => import('../tools/ToolsPlace.svelte')) },
  {
    place: 'settings',
    name: 'Settings',
    icon: 'settings',
    content: new Lazy(() => import('../settings/SettingsPlace.svelte')),
  },
];
