/** Whose a key is, for people: a meter's number, or a pattern for a group. */
export function ownerWords(of: string): string {
  if (of === '*') return 'All meters';
  return /[*?]/.test(of) ? `Meters ${of}` : of;
}
