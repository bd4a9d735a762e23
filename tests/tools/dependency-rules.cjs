/** Device list and schedule as data: what is due, which intervals there are, what a code means. */
const pureAms = 'ams/(intervals|due|meter|meter-list|ports-table)\\.ts';

/** What is known of all protocols; no room above looks into the folder of one. */
const protocols = 'protocols/[^/]+\\.ts';

/** What is known of every protocol from the first page on, and what every address and error table have in common. */
const light = 'protocols/(registry|names|address-text|listens|error-book)\\.ts';

/** The words of a line: the contract of ports with the one error they throw, framings and their wire time. All pure. */
const words = 'line/(port|framing|moments)\\.ts';

/** The half of each transport that asks the user, in the page. */
const pagePorts = 'ports/(index|[^/]+/(index|missing))\\.ts';

/**
 * Who may import whom: the table of rooms, one line each; what is not said is forbidden. A room may import itself. A room
 * within another has its own line only.
 * `may`: at run time and in types, `types`: by `import type` only (regular expressions of paths in src/);
 * `packages`: from npm.
 *
 * @type {Record<string, { may?: string[], types?: string[], packages?: string[] }>}
 */
const rooms = {
  'common/': {},
  'protocols/<name>/': {
    may: ['common/', words],
    types: [
      'line/',
      'intake/',
      'protocols/(protocol|profile-book|meter-access|search|change|collector|stored-data|recognizer)\\.ts',
    ],
    packages: ['@noble/ciphers'],
  },
  // The same meters, by radio: their records are those of the wire.
  'protocols/wmbus/': {
    may: ['common/', words, 'protocols/mbus/'],
    types: ['line/', 'protocols/(protocol|recognizer|stored-data)\\.ts'],
    packages: ['@noble/ciphers'],
  },
  'protocols/wmbus/simulated/': {
    may: ['common/', 'simulator/', 'protocols/wmbus/dongles/imst'],
    types: ['line/', 'protocols/simulated-meter\\.ts'],
  },
  // A meter that refuses mode E is read in mode C: one standard has both.
  'protocols/dlms/mode-c.ts': {
    may: ['common/', 'protocols/iec62056-21/(ask|decode)\\.ts'],
    types: ['line/', 'protocols/(protocol|stored-data)\\.ts'],
  },
  // A device's number may be an address of M-Bus.
  'protocols/sml/device-id.ts': { may: ['common/', 'protocols/mbus/manufacturer\\.ts'] },
  // A simulator that shares a dialogue with what it tests finds nothing.
  'protocols/<name>/simulated/': {
    may: ['common/', 'simulator/', words, 'protocols/$1/(?!(index|session|ask|listener)\\b)'],
    types: ['line/', 'protocols/simulated-meter\\.ts'],
    packages: ['@noble/ciphers'],
  },
  'protocols/*.ts': { may: ['protocols/', 'common/', 'intake/'], types: ['line/', 'simulator/simulated-port\\.ts'] },
  'intake/': { may: ['common/'] },
  'line/': { may: ['common/'] },
  'ports/': { may: ['common/', 'line/'] },
  'log/': { may: ['common/'], packages: ['idb'] },
  'ams/': { may: ['common/', protocols, 'line/', 'log/'], packages: ['valibot'] },
  'at/': {
    may: ['ams/', 'log/', 'protocols/names\\.ts'],
    types: ['common/', words, 'protocols/(protocol|search|change|stored-data)\\.ts'],
  },
  'keys/': { may: ['common/'], packages: ['idb'] },
  'rpc/': {},
  'forward/': { may: ['common/', 'log/'], types: ['rpc/'] },
  'simulator/': { may: ['common/', 'line/'] },
  'engine/': { may: ['(common|line|ports|log|ams|at|keys|rpc|simulator)/', protocols, 'build-info'] },
  'archive/': {
    may: [
      'common/',
      pureAms,
      light,
      'ams/(meter-list-file|listed-protocols)',
      'protocols/recognize',
      'log/',
      'keys/',
      'rpc/',
      'forward/',
    ],
    types: ['protocols/(protocol|profile-book|stored-data)\\.ts'],
    packages: ['fflate', 'write-excel-file'],
  },
  'views/': {
    may: [
      '(engine|archive)/(client|api|worker)\\.ts',
      '(common|intake)/',
      light,
      words,
      pureAms,
      'at/(help|completion)',
      pagePorts,
      'build-info',
    ],
    types: ['.*'],
    packages: ['svelte', 'uplot', 'workbox-window'],
  },
  'build-info.ts': {},
  'service-worker': { may: ['common/', pureAms, 'ams/(ams-store|slot-store)', 'log/', 'build-info'] },
};

/** @param {string[]} paths */
const inSrc = (paths) => `^src/(${paths.join('|')})`;

/** @param {string} room as in the table; `<name>` becomes the first group */
const asPattern = (room) => room.replace('.', '\\.').replace('*', '[^/]+').replace('<name>', '([^/]+)');

/** @param {[string, { may?: string[], types?: string[], packages?: string[] }]} row */
function rulesOf([room, { may = [], types = [], packages = [] }]) {
  const within = Object.keys(rooms).filter((other) => other !== room && new RegExp(`^${asPattern(room)}`).test(other));
  const from = { path: `^src/${asPattern(room)}`, ...(within.length > 0 && { pathNot: inSrc(within.map(asPattern)) }) };
  const mayOrItself = [asPattern(room.replace('<name>', '$1')), ...may];
  const npm = { path: 'node_modules/', pathNot: `node_modules/(${packages.join('|')})/` };
  const rules = [
    { name: room, from, to: { path: '^src/', pathNot: inSrc([...mayOrItself, ...types]) } },
    { name: `${room} (packages)`, from, to: npm },
  ];
  // A type is no knowledge of how the other room works: it is gone at run time.
  if (types.length > 0) {
    const to = { path: inSrc(types), pathNot: inSrc(mayOrItself), dependencyTypesNot: ['type-only'] };
    rules.push({ name: `${room} (types only)`, from, to });
  }
  return rules;
}

const known = inSrc(Object.keys(rooms).map(asPattern));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(rooms).flatMap(rulesOf),
    // Where stored data is decoded, and nowhere else, are the keys.
    {
      name: 'only the archive decodes',
      from: { path: '^src/', pathNot: '^src/(archive|protocols)/' },
      to: { path: '^src/protocols/[^/]+/decode\\.ts', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no such room', from: { path: '^src/', pathNot: known }, to: {} },
    { name: 'src knows no tests', from: { path: '^src/' }, to: { path: '^tests/' } },
    { name: 'src knows no Node', from: { path: '^src/' }, to: { dependencyTypes: ['core'] } },
    { name: 'not found', from: {}, to: { couldNotResolve: true } },
    { name: 'cycle', from: {}, to: { circular: true } },
  ].map((rule) => ({ ...rule, severity: 'error' })),
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['svelte', 'browser', 'import', 'default'] },
  },
};
