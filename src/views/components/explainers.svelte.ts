import type { Explainer } from '../../protocols/protocol.ts';
import { frameFormats, protocols } from '../../protocols/registry.ts';

let explainers: ReadonlyMap<string, Explainer> = $state.raw(new Map());
const loading = new Set<string>();

const explained = (name: string) => protocols.find(name) ?? frameFormats.find((format) => format.name === name);

/** Its data is explained, if not yet. */
export const isExplained = (name: string): boolean => explained(name) !== undefined;

/** What explains the data of a protocol: undefined until it is loaded, and where nothing does. */
export function explainerOf(name: string): Explainer | undefined {
  const known = explainers.get(name);
  if (known || loading.has(name)) return known;
  const source = explained(name);
  if (!source) return undefined;
  loading.add(name);
  source.parts.explainer().then(
    (explainer) => (explainers = new Map(explainers).set(name, explainer)),
    () => loading.delete(name), // whoever asks next tries anew; the data is shown without it
  );
  return undefined;
}
