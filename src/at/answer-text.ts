import type { AtError } from './at-error.ts';
import type { AtSession } from './command.ts';

/**
 * Answers are framed as V.250 has it: `<CR><LF>text<CR><LF>` and `<CR><LF>OK<CR><LF>`, with the characters of S3 and S4 for
 * CR and LF. What the session says counts when something is written: a command may change it.
 */

/** The character that ends a line. */
export const lineEndOf = ({ lineEnd }: Pick<AtSession, 'lineEnd'>): string => String.fromCharCode(lineEnd);

/** What surrounds answers. */
const newLine = (session: AtSession): string => lineEndOf(session) + String.fromCharCode(session.lineFeed);

/** How a line ended; '' where no result codes are wanted. */
export function resultText(session: AtSession, error?: AtError): string {
  const around = newLine(session);
  if (session.quiet) return '';
  if (error && session.errorReport > 0) {
    const report = session.errorReport === 1 ? error.code : error.message.replace(/\s+/g, ' ');
    return `${around}+CME ERROR: ${report}${around}`;
  }
  if (session.verbose) return `${around}${error ? 'ERROR' : 'OK'}${around}`;
  return `${error ? '4' : '0'}${lineEndOf(session)}`;
}

/** One information text of any number of lines, as they come: gives what is to be written of it for each few. */
export function informationText(session: AtSession): (lines: readonly string[]) => string {
  let begun = false;
  return (lines) => {
    if (lines.length === 0) return '';
    const around = newLine(session);
    const header = session.verbose && !begun ? around : '';
    begun = true;
    return `${header}${lines.join(around)}${around}`;
  };
}
