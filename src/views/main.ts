import './styles/index.css';
import { mount } from 'svelte';
import { connectRenewedArchive } from '../archive/client.ts';
import archiveUrl from '../archive/worker.ts?worker&url';
import { connectEngine } from '../engine/client.ts';
import App from './App.svelte';
import { confinedWorker } from './confined-worker.ts';
import { startEngineWorker } from './engine-worker.ts';
import { followLaunches } from './launch.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

const engineFaults = new EventTarget();
const engine = connectEngine({
  start: startEngineWorker,
  onFault: (message) => engineFaults.dispatchEvent(new ErrorEvent('error', { message })),
});
/** The archive's worker starts with the first question to it: reading a meter needs none. */
const archive = connectRenewedArchive({
  start: () => confinedWorker(archiveUrl, 'archive'),
  onFault: (message) => console.error('archive', message),
});

target.replaceChildren(); // what stands there says that nothing has started
mount(App, { target, props: { engine, archive, engineFaults } });
followLaunches();
