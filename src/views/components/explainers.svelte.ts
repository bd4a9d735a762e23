import { SvelteMap } from 'svelte/reactivity';
import type { Explainer } from '../../protocols/protocol.ts';
import { protocols } from '../../protocols/registry.ts';

const explainers = new SvelteMap<string, Explainer>();
const loading = new Set<string>();

/** What explains the data of a protocol: undefined until it is loaded, and where the protocol is not built in. */
export function explainerOf(name: string): Explainer | undefined {
  const known = explainers.get(name);
  if (known || loading.has(name)) return known;
  const protocol = protocols.find(name);
  if (!protocol) return undefined;
  loading.add(name);
  protocol.parts.explainer().then(
    (explainer) => explainers.set(name, explainer),
    () => loading.delete(name), // whoever asks next tries anew; the data is shown without it
  );
  return undefined;
}
