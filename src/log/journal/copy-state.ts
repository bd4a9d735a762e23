/** How the second copy stands. */
export interface CopyState {
  /** 'none': not being written, `why` says it; 'copying': what the log held is still being copied; 'written': all is in it. */
  readonly state: 'none' | 'copying' | 'written';
  readonly why?: string;
  /** How many copies were set aside, because they are of another log or cannot be read; absent: none. */
  readonly kept?: number;
}

/** The state as it was told last. */
export interface CopyTeller {
  readonly current: CopyState;
  /** How many were set aside; told with the state. */
  kept: number;
  /** The copy stands so, or as it did. */
  tell(next?: Omit<CopyState, 'kept'>): void;
}

export function createCopyTeller(onChange: () => void): CopyTeller {
  let current: CopyState = { state: 'none', why: 'It is being opened.' };
  const teller: CopyTeller = {
    get current() {
      return current;
    },
    kept: 0,
    tell({ state, why } = current) {
      const { kept } = teller;
      if (state === current.state && why === current.why && kept === (current.kept ?? 0)) return;
      current = { state, ...(why === undefined ? {} : { why }), ...(kept > 0 ? { kept } : {}) };
      onChange();
    },
  };
  return teller;
}
