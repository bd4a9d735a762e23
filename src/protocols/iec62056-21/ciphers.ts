/** Forms in which ciphered telegrams begin: Polish P1, Austrian and Luxembourgish P1, HDLC. */
const CIPHERS: readonly (readonly [RegExp, string])[] = [
  [/^\0?\x02/, 'encrypted data'],
  [/^(?:\xdb|\x5b)\x08/, 'encrypted data'],
  [/^~(?:\xa0| )/, 'HDLC frames'],
];

/** What is said of a telegram that is no text behind its identification; `head` is its beginning, one character a byte. */
export function notTextWords(head: string): string {
  const body = head.replace(/^[^\n]*\n[\r\n]*/, '');
  const form = CIPHERS.find(([pattern]) => pattern.test(body))?.[1];
  return form
    ? `The meter sends its identification, then ${form} instead of text.`
    : 'The meter sends its identification, then something that is no text: encrypted data, perhaps.';
}
