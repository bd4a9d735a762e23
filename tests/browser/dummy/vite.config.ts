import { fileURLToPath } from 'node:url';
import type { Plugin, PluginOption } from 'vite';
import app from '../../../vite.config.ts';

/** The app with a protocol and a transport more: a folder or a file of each, and one line in its list. */

interface Added {
  /** The list, and how it ends. */
  readonly list: string;
  readonly end: string;
  readonly name: string;
  readonly from: string;
}

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

const all: readonly Added[] = [
  {
    list: path('src/protocols/registry.ts'),
    end: ']);',
    name: 'dummy',
    from: path('tests/unit/protocols/dummy/index.ts'),
  },
  {
    list: path('src/ports/index.ts'),
    end: '];',
    name: 'dummyTransport',
    from: path('tests/unit/ports/dummy-transport.ts'),
  },
];

const lines: Plugin = {
  name: 'one-line-each',
  enforce: 'pre',
  transform(code, id) {
    const added = all.find(({ list }) => list === id);
    if (!added) return undefined;
    const { end, name, from } = added;
    if (code.split(end).length !== 2) throw new Error(`${id} has not one list that ends with ${end}`);
    return `import { ${name} } from ${JSON.stringify(from)};\n${code.replace(end, `, ${name}${end}`)}`;
  },
};

/** Of what the app's build has, all but its service worker: nobody goes offline here. */
const isOfThePage = (plugin: PluginOption) =>
  !(typeof plugin === 'object' && plugin !== null && 'name' in plugin && plugin.name.startsWith('vite-plugin-pwa'));

const { plugins = [], build, ...rest } = app;

export default {
  ...rest,
  plugins: [lines, ...plugins.flat(2).filter(isOfThePage)],
  worker: { format: 'es', plugins: () => [lines] },
  build: { ...build, minify: false, reportCompressedSize: false },
};
