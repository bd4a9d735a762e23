import { classes, type InterfaceClass } from './class-table.ts';

export const className = (classId: number): string => classes[classId]?.name ?? `Class ${classId}`;

/** "value"; "attribute 9" for one that is not known. */
export function attributeName(classId: number, number: number): string {
  if (number === 1) return 'name';
  return classes[classId]?.attributes.split('|')[number - 2] ?? `attribute ${number}`;
}

/** With its name; two where the class is not known. */
export const attributeCount = (classId: number): number => 1 + (classes[classId]?.attributes.split('|').length ?? 1);

/** The attributes that make a reading; the second one of a class that is not known. */
export const attributesRead = (classId: number): readonly number[] => classes[classId]?.reads ?? [2];

/** What a number in an attribute means; undefined where it is no number of a list. */
export function attributeWords(classId: number, number: number, value: number): string | undefined {
  const words = classes[classId]?.words?.[number]?.split('|')[value];
  return words === '' ? undefined : words;
}

/** Whether an object is read where everything is to be read: it has one value, and a short one. */
export const hasReading = (classId: number): boolean => [1, 3, 4, 5, 8].includes(classId);

export const captureOf = (classId: number): InterfaceClass['captured'] => classes[classId]?.captured;
export const scalerAttribute = (classId: number): number | undefined => classes[classId]?.scaler;
export const isTime = (classId: number, number: number): boolean => classes[classId]?.times?.includes(number) ?? false;
