import './styles/index.css';
import { mount } from 'svelte';
import { connectArchive } from '../archive/client.ts';
import archiveUrl from '../archive/worker.ts?worker&url';
import { connectEngine } from '../engine/client.ts';
import engineUrl from '../engine/worker.ts?worker&url';
import App from './App.svelte';
import { followLaunches } from './launch.ts';
import { trustedUrl } from './trusted-url.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

const engine = connectEngine(new Worker(trustedUrl(engineUrl), { type: 'module', name: 'engine' }));
const archive = connectArchive(new Worker(trustedUrl(archiveUrl), { type: 'module', name: 'archive' }));

mount(App, { target, props: { engine, archive } });
followLaunches();
