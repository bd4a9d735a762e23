import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installPackages, requireNode, root, tool } from './setup.js';
import { serveOnFreePort } from './static-server.js';

requireNode();
installPackages();

console.log('Building OpenHHU into dist …');
const [node = '', ...vite] = tool('vite');
const { status } = spawnSync(node, [...vite, 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
if (status !== 0) {
  console.error('The build failed, see above.');
  process.exit(1);
}

const { url } = await serveOnFreePort(join(root, 'dist'), 4173);
console.log(`
OpenHHU is at ${url}

Open it in Chrome, Edge or another Chromium. No head at hand? It has simulated meters.
Ctrl+C stops it.`);
