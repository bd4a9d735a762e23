import type { Explainer, FrameWords } from '../../../protocols/protocol.ts';
import type { Recognized } from '../../../protocols/recognized.ts';
import { isExplained } from '../../components/explainers.svelte.ts';

/** `explainer`: of the frame's protocol, once it is loaded. */
export function describeFrame(item: Recognized, explainer: Explainer | undefined): FrameWords {
  if (explainer) return explainer.describe(item);
  const { protocol, identification, facts } = item;
  if (protocol === '') return { kind: 'Unknown bytes', meter: '', facts, limit: '' };
  const limit = isExplained(protocol) ? '' : `This version has no decoder for ${protocol}.`;
  return { kind: `${protocol} record`, meter: identification, facts, limit };
}
