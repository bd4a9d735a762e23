import type { Component } from 'svelte';
import type { IconName } from '../components/icons.ts';
import type { Route } from './routes.ts';

export interface Place {
  readonly place: Exclude<Route['place'], 'not found'>;
  readonly name: string;
  readonly icon: IconName;
  readonly load: () => Promise<{ readonly default: Component }>;
}

/** The places of the rail, in order; each is its own chunk. A new place is one line here and one in `routes.ts`. */
export const places: readonly Place[] = [
  { place: 'read', name: 'Read', icon: 'read', load: () => import('../read/ReadPlace.svelte') },
  { place: 'meters', name: 'Meters', icon: 'meters', load: () => import('../meters/MetersPlace.svelte') },
  { place: 'log', name: 'Log', icon: 'log', load: () => import('../log/LogPlace.svelte') },
  { place: 'tools', name: 'Tools', icon: 'tools', load: () => import('../tools/ToolsPlace.svelte') },
  { place: 'settings', name: 'Settings', icon: 'settings', load: () => import('../settings/SettingsPlace.svelte') },
];
