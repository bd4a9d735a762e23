/** Device numbers and identifications of the meter itself, with and without medium; EDIS heat meters: 9.20, 9.21. */
const NUMBER_LINE =
  /(?<=^|[\s\x02)])(?:[01]-[0-9]:)?(?:0\.0(?:\.\d)?|(?:C|96)\.1(?:\.(?:\d|255))?|9\.2[01]|42\.0\.0)(?:\*\d{1,3})?[ \t]*\(([^()\r\n]{1,64})\)/g;

/** The numbers a readout gives of its meter, as sent; those of meters behind it (channels of 0-n) are not among them. */
export function ownNumbers(data: string): readonly string[] {
  return Array.from(data.matchAll(NUMBER_LINE), ([line, number = '']) => ({ line, number: number.trim() }))
    .filter(({ line }) => !/0-[1-9]:/.test(line))
    .map(({ number }) => number);
}
