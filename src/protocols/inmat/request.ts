import type { Command } from './address.ts';
import { inmatError } from './errors.ts';
import type { WireProfile } from './settings.ts';

/**
 * What a data request carries for a command: function, then its parameters in 16 bits each. Throws MeterError 4194308
 * where the profile does not know the function.
 */
export function requestData(command: Command, profile: WireProfile): Uint8Array {
  const code = profile.functions[command.letter];
  if (code === undefined)
    throw inmatError(
      4194308,
      `The function code of ${command.letter} is not known, so “${command.text}” is not asked.`,
      {
        hint: `Write the code from the documents of the unit into the wire profile of its settings, or leave ${command.letter} out.`,
      },
    );
  const words = (...values: readonly number[]) =>
    values.flatMap((value) => {
      const [low, high] = [value & 0xff, value >> 8];
      return profile.byteOrder === 'little' ? [low, high] : [high, low];
    });
  switch (command.letter) {
    case 'I':
      return Uint8Array.of(code);
    case 'S':
      return Uint8Array.of(code, profile.types[command.type], ...words(command.index));
    case 'E': {
      const { type, index, cell } = command;
      return Uint8Array.of(code, profile.types[type], ...words(index, cell.rows, cell.columns));
    }
    case 'B': {
      const { type, index, cell, size } = command;
      const at = words(index, cell.rows, cell.columns, size.rows, size.columns);
      return Uint8Array.of(code, profile.types[type], ...at);
    }
    case 'M': {
      const { offset, segment, count } = command;
      return Uint8Array.of(
        code,
        ...(profile.byteOrder === 'little' ? words(offset, segment) : words(segment, offset)),
        ...words(count),
      );
    }
  }
}
