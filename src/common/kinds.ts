/**
 * Numbers and texts of which one kind must not pass for another. A plain number or text goes in, and so does what is
 * computed: only what has a kind keeps out of another.
 */
type Kind<Of extends number | string, Name extends string> = Of & { readonly kind?: Name };

/** Times are since the epoch, by UTC. */
export type Milliseconds = Kind<number, 'ms'>;
export type Seconds = Kind<number, 's'>;

/** 1–127 of the ports table; 128: A/D inputs. */
export type PortNumber = Kind<number, 'port number'>;
/** `PortInfo.id`: of a granted or simulated port. */
export type PortId = Kind<string, 'port'>;
/** Of a meter of the list: ours, stable over edits and moves. */
export type MeterId = Kind<string, 'meter'>;
/** Number of a meter in records, never given twice within a generation of the log. */
export type MeterNumber = Kind<number, 'meter number'>;
/** Of a record. */
export type SequenceNumber = Kind<number, 'seq'>;
