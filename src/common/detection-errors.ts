import type { ErrorEntry } from './meter-error.ts';

/** Errors of automatic meter detection (SmartCOM manual, 3.8): what AT^SCAMSADD answers. */
export const detectionErrors: readonly ErrorEntry[] = [
  {
    code: 65280,
    text: 'Detection failed for an internal reason',
    advice: 'Try again; if it stays, copy the trace and report it.',
  },
  {
    code: 65281,
    text: 'More meters are expected than the meter list can hold',
    advice: 'Expect fewer meters, or split the bus over two lists.',
  },
  {
    code: 65282,
    text: 'The search for meters could not be started',
    advice: 'See that the port is free and set for M-Bus.',
  },
  { code: 65283, text: 'The result of the search could not be read', advice: 'Start the search again.' },
  { code: 65284, text: 'The meter list could not be emptied', advice: 'Try again when no reading is in progress.' },
  { code: 65285, text: 'The result of the search could not be understood', advice: 'Start the search again.' },
  {
    code: 65286,
    text: 'The number of meters found is not the number expected',
    advice: 'Check the wiring and the supply of the missing meters, or correct the expected number.',
  },
  { code: 65287, text: 'A meter that was found could not be added to the list', advice: 'Add it by hand.' },
  { code: 65288, text: 'More text messages would be sent than allowed', advice: 'Send fewer at a time.' },
  {
    code: 65289,
    text: 'This protocol has no automatic detection',
    advice: 'Detection is for M-Bus; add meters of other protocols by hand.',
  },
  { code: 65290, text: 'Some meters could not be removed from the list', advice: 'Remove them one by one.' },
  {
    code: 65291,
    text: 'More meters answered than the meter list can hold',
    advice: 'Search a part of the bus with a mask, or split the bus.',
  },
];
