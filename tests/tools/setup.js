import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Only Node's own modules here: this runs before anything is installed.

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * What is asked here of package.json and package-lock.json.
 *
 * @typedef {{
 *   engines: { node: string },
 *   bin: string | Record<string, string>,
 *   packages: Record<string, { version: string, optional?: boolean }>,
 * }} PackageFile
 */

/** @param {string} path from the root */
const readPackageFile = (path) => /** @type {PackageFile} */ (JSON.parse(readFileSync(join(root, path), 'utf8')));

/** Ends the program with a sentence where Node is older than package.json asks. */
export function requireNode() {
  const needed = readPackageFile('package.json').engines.node.replace('>=', '');
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  console.error(`OpenHHU needs Node.js ${needed} or newer; this is ${process.versions.node}. See https://nodejs.org`);
  process.exit(1);
}

/** Whether node_modules holds exactly what package-lock.json says (packages of other platforms aside). */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = readPackageFile('node_modules/.package-lock.json').packages;
  return Object.entries(readPackageFile('package-lock.json').packages).every(
    ([path, wanted]) => path === '' || wanted.optional || installed[path]?.version === wanted.version,
  );
}

/** `npm ci` where node_modules is missing or out of date. */
export function installPackages() {
  if (isInstalled()) return;
  console.log('Installing the packages of package-lock.json (npm ci) …');
  const npm = process.env['npm_execpath'];
  const { status } = npm
    ? spawnSync(process.execPath, [npm, 'ci'], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm ci', { cwd: root, stdio: 'inherit', shell: true });
  if (status !== 0) {
    console.error('npm ci failed, see above.');
    process.exit(1);
  }
}

/**
 * The command line of a tool among the installed packages, run by this very Node (no shell, no npx).
 *
 * @param {string} packageName
 * @param {string} [tool] where it differs from the package's name
 * @returns {string[]}
 */
export function tool(packageName, tool = packageName) {
  const { bin } = readPackageFile(`node_modules/${packageName}/package.json`);
  return [process.execPath, join(root, 'node_modules', packageName, typeof bin === 'string' ? bin : (bin[tool] ?? ''))];
}
