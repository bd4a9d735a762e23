import { HIDDEN } from './hidden.ts';

/**
 * A password or key on its way from the store to where it is used. It is dots wherever it is printed, and does not go
 * from one worker or page to another: a structured clone of it is empty.
 */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }
}

/** A password or key that meters of a protocol may need. */
export interface SecretField {
  /** By which it is stored and asked for: "password". */
  readonly name: string;
  /** For people: "Password for programming mode". */
  readonly label: string;
  /** Text is kept as it is typed (Latin-1, as it goes over the wire); hex as its bytes; 'either': bytes after `0x`, else text. */
  readonly kind: 'text' | 'hex' | 'either';
  /** Bytes; of text, at most so many. */
  readonly length: number;
  /** Of hex: another length that fits too. */
  readonly orLength?: number;
  readonly help?: string;
}
