import type { FrameFormat } from '../protocol.ts';

/** Wireless M-Bus, EN 13757-4: told from other frames, and its sender read. */
export const wmbus: FrameFormat = {
  name: 'WMBUS',
  parts: {
    recognizer: async () => (await import('./radio.ts')).wmbusRecognizer,
    explainer: async () => (await import('./radio.ts')).wmbusExplainer,
  },
};
