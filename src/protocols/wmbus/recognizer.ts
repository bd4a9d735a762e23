import type { Recognizer } from '../recognizer.ts';
import { radioHeader } from './header.ts';

export const wmbusRecognizer: Recognizer = { sees: (bytes) => (radioHeader(bytes) ? 'whole' : undefined) };
