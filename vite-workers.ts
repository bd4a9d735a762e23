/**
 * How the page and its workers share one build. Vite builds each worker for itself, with its own copy of all that the page
 * or another worker loads as well; here the workers are further entries of the page's build, so every module is in one
 * file, which is fetched, stored and checked once.
 */
import { resolve } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

/** Where things begin. `read` is the place shown first; what is `soon` the engine loads by itself when it has started. */
const starts = {
  page: ['src/views/main.ts'],
  read: ['src/views/read/ReadPlace.svelte'],
  engine: ['src/engine/worker.ts'],
  soon: ['src/engine/simulated-ports.ts', 'src/simulator/accelerated-clock.ts', 'src/ports/serial/watch.ts'],
  archive: ['src/archive/worker.ts'],
};
type Start = keyof typeof starts;

const preloadHelper = '\0vite/preload-helper.js';

/** What every simulated meter is called; the rest of it loads when it is opened. */
const simulated = /[\\/]src[\\/]protocols[\\/][^\\/]+[\\/]simulated[\\/]index\.ts$/;

/** Svelte comes through one module that imports all of it: what only later places use would come with the first. */
const svelteLater =
  /[\\/]svelte[\\/]src[\\/]internal[\\/]client[\\/]dom[\\/](?:elements[\\/]bindings[\\/](?:input|select|size)|blocks[\\/]key)\.js$/;

/** Only the page has styles to wait for. */
const isOfPage = (id: string) => /[\\/]src[\\/]views[\\/]|[\\/]node_modules[\\/]svelte[\\/]/.test(id);

/** `import workerUrl from './worker.ts?worker&url'` of the build: an entry beside the page's instead of another build. */
export function workersInOneBuild(): Plugin {
  return {
    name: 'workers-in-one-build',
    apply: 'build',
    enforce: 'pre',
    load: {
      filter: { id: /\?worker&url$/ },
      handler(id) {
        const file = id.replace(/\?.*$/, '');
        const room = /([^\\/]+)[\\/]worker\.ts$/.exec(file)?.[1];
        const name = room === undefined ? 'worker' : `${room}-worker`;
        const entry = this.emitFile({ type: 'chunk', id: file, name, preserveSignature: false });
        return `export default import.meta.ROLLUP_FILE_URL_${entry};`;
      },
    },
    // Nothing happens when they are loaded, which Rolldown cannot know; who does not call them need not load them.
    transform: {
      filter: { id: svelteLater },
      handler: (code) => ({ code, map: null, moduleSideEffects: false }),
    },
    // Vite has every dynamic import wait for the styles of what it loads, and asks `document` for them. Outside the views
    // nothing has styles, and a worker has no document.
    renderChunk(code, { name, moduleIds }) {
      if (!code.includes('__VITE_PRELOAD__') || moduleIds.some(isOfPage)) return undefined;
      const plain = plainImports(code);
      if (plain.includes('__VITE_PRELOAD__')) this.error(`a dynamic import in ${name} looks otherwise than expected`);
      return { code: plain, map: null };
    },
    generateBundle(_options, bundle) {
      const chunks = new Map(Object.values(bundle).map((file) => [file.fileName, file]));
      for (const chunk of chunks.values()) {
        if (chunk.type !== 'chunk' || !chunk.isEntry) continue;
        const isPage = chunk.moduleIds.some(isOfPage);
        const reached = new Set([chunk.fileName]);
        for (const name of reached) {
          const file = chunks.get(name);
          if (file?.type !== 'chunk') continue;
          for (const next of [...file.imports, ...file.dynamicImports]) reached.add(next);
          if (file !== chunk && file.isEntry) this.error(`${chunk.fileName} would start ${name}`);
          const stray = isPage ? undefined : file.moduleIds.find(isOfPage);
          if (stray !== undefined) this.error(`${chunk.fileName}, a worker, would load ${stray} in ${name}`);
        }
      }
    },
  };
}

/** Takes the preloading out of Rolldown's text, before that is made small. */
function plainImports(code: string): string {
  const load = String.raw`(import\("[^"]+"\)(?:\.then\(\(\w+\) => [\w$.]+\))?)`;
  const wrapped = String.raw`async \(\) => \{\s*const \{[^{}]*\} = await ${load};\s*return \{[^{}]*\};\s*\}|\(\) => ${load}`;
  const call = new RegExp(
    String.raw`__vitePreload(?:\$\d+)?\((?:${wrapped}), __VITE_PRELOAD__, import\.meta\.url\)`,
    'g',
  );
  return code.replace(call, (_call, named?: string, whole?: string) => named ?? whole ?? '');
}

/**
 * Which modules go together, where Rolldown would make a file of every handful. What belongs to nobody's start stays as it
 * is; so do the entries themselves, which do something when they are loaded.
 */
export function sharedChunks(root: string): Rolldown.CodeSplittingGroup[] {
  const known = new Map<Start, ReadonlySet<string>>();
  let context: Rolldown.ChunkingContext;
  const files = (start: Start) => starts[start].map((name) => resolve(root, name).replaceAll('\\', '/'));
  const isIn = (start: Start, id: string) => {
    const modules = known.get(start) ?? closure(files(start), context);
    known.set(start, modules);
    return modules.has(id);
  };
  const isInPage = (id: string) => isIn('page', id) || isIn('read', id);
  /** Small, and half of the other files want one or the other of them. */
  const isCommon = (id: string) => /[\\/]src[\\/](?:common|protocols)[\\/]/.test(id);
  const isUsedBeyondEngine = (id: string) => {
    const { importers = [], dynamicImporters = [] } = context.getModuleInfo(id) ?? {};
    return [...importers, ...dynamicImporters].some((user) => !isIn('engine', user));
  };
  const group = (name: string, test: (id: string) => boolean): Rolldown.CodeSplittingGroup => ({
    debugName: name,
    includeDependenciesRecursively: false,
    name(id, given) {
      context = given;
      return test(id) ? name : null;
    },
  });
  return [
    group('shared', (id) => id === preloadHelper || (isInPage(id) && (isIn('engine', id) || isCommon(id)))),
    group('storage', (id) => isIn('engine', id) && isIn('archive', id)),
    // What later parts of page and workers need of the engine, without the engine.
    group('engine-parts', (id) => isIn('engine', id) && !files('engine').includes(id) && isUsedBeyondEngine(id)),
    group('soon', (id) => !isIn('engine', id) && !isIn('page', id) && (isIn('soon', id) || simulated.test(id))),
    group('svelte-later', (id) => svelteLater.test(id)),
    group('read', (id) => isIn('read', id) && !isIn('page', id)),
  ];
}

function closure(entries: readonly string[], context: Rolldown.ChunkingContext): ReadonlySet<string> {
  const found = new Set(entries);
  for (const id of found) for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  return found;
}
