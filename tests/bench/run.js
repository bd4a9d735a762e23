/**
 * `npm run bench`: figures of everything in this folder, each in a process of its own. Asserts nothing.
 * `npm run bench -- serial decode`: only these; `npm run bench -- log 100000`: what names no section is handed on to it.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { installPackages, requireNode, root } from '../tools/setup.js';

const folder = join(root, 'tests', 'bench');
const suffix = '.bench.js';

requireNode();
installPackages();

const sections = readdirSync(folder).flatMap((file) => (file.endsWith(suffix) ? [file.slice(0, -suffix.length)] : []));
const asked = process.argv.slice(2);
const chosen = sections.filter((section) => asked.includes(section));
const handedOn = asked.filter((argument) => !sections.includes(argument));

if (chosen.length === 0 && handedOn.length > 0) {
  console.error(`There is no section ${handedOn.join(', ')}; there are ${sections.join(', ')}.`);
  process.exit(1);
}
// Times on a busy machine are late: whoever compares wants to know.
console.log(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}`);
for (const section of chosen.length > 0 ? chosen : sections) {
  console.log(`\n== ${section}`);
  const { status } = spawnSync(process.execPath, [join(folder, section + suffix), ...handedOn], {
    cwd: root,
    stdio: 'inherit',
  });
  // A section that could not be measured; the others still are.
  if (status !== 0) process.exitCode = 1;
}
