/** A call waits for its turn at a port: what that is doing, in words; absent: its turn has come. */
export interface WaitEvent {
  readonly kind: 'waits';
  readonly forWhat?: string;
}

/** Tells waits as events of a call. */
export function waitTeller(emit: (event: WaitEvent) => void): (forWhat: string | undefined) => void {
  return (forWhat) => emit({ kind: 'waits', ...(forWhat === undefined ? {} : { forWhat }) });
}
