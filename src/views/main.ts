import './styles/index.css';
import { mount } from 'svelte';
import { connectArchive } from '../archive/client.ts';
import type { ArchiveClient } from '../archive/client.ts';
import archiveUrl from '../archive/worker.ts?worker&url';
import { connectEngine } from '../engine/client.ts';
import engineUrl from '../engine/worker.ts?worker&url';
import App from './App.svelte';
import { followLaunches } from './launch.ts';
import { trustedUrl } from './trusted-url.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

const engineWorker = new Worker(trustedUrl(engineUrl), { type: 'module', name: 'engine' });
const engine = connectEngine(engineWorker);
/** The archive's worker starts with the first question to it: reading a meter needs none. */
let archiveClient: ArchiveClient | undefined;
const archive: ArchiveClient = {
  call(method, input, options) {
    archiveClient ??= connectArchive(new Worker(trustedUrl(archiveUrl), { type: 'module', name: 'archive' }));
    return archiveClient.call(method, input, options);
  },
};

mount(App, { target, props: { engine, archive, engineWorker } });
followLaunches();
