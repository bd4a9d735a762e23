import type { FrameFormat } from '../protocol.ts';

/** Wireless M-Bus, EN 13757-4: telegrams that were received elsewhere. */
export const wmbus: FrameFormat = {
  name: 'WMBUS',
  parts: {
    recognizer: async () => (await import('./recognizer.ts')).wmbusRecognizer,
    reader: async () => (await import('./reader.ts')).wmbusReader,
    secrets: async () => (await import('./secrets.ts')).wmbusSecrets,
    explainer: async () => (await import('./explainer.ts')).wmbusExplainer,
  },
};
