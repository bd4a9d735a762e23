/** Line icons on a 24 × 24 grid, drawn for this app: the head's face with its two eyes is the sign of reading. */
export const icons = {
  read: [
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
    'M8.5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3Z',
    'M15.5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3Z',
  ],
  meters: ['M5 4h14v16H5Z', 'M8.5 7.5h7v4h-7Z', 'M12 15.5h.01'],
  log: ['M4 6h2', 'M4 12h2', 'M4 18h2', 'M10 6h10', 'M10 12h10', 'M10 18h7'],
  tools: ['M12 3v6', 'M12 15v6', 'M3 12h6', 'M15 12h6', 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z'],
  settings: ['M4 7h9', 'M17 7h3', 'M15 5v4', 'M4 17h3', 'M11 17h9', 'M9 15v4'],
  wave: ['M3 12h3V6h4v12h4V6h4v6h3'],
  back: ['M15 5l-7 7 7 7'],
  up: ['M5 15l7-7 7 7'],
  down: ['M5 9l7 7 7-7'],
  plus: ['M12 5v14', 'M5 12h14'],
  minus: ['M5 12h14'],
  next: ['M9 5l7 7-7 7'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
  save: ['M12 4v11', 'M7 11l5 5 5-5', 'M5 20h14'],
  copy: ['M9 9h10v11H9Z', 'M15 9V4H5v11h4'],
  trash: ['M5 7h14', 'M9 7V4h6v3', 'M7 7l1 13h8l1-13'],
  offline: ['M4 9a12 12 0 0 1 16 0', 'M7.5 12.5a7 7 0 0 1 9 0', 'M12 17h.01', 'M4 4l16 16'],
  update: ['M19 9a7.5 7.5 0 1 0 .5 5', 'M20 4v5h-5'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type IconName = keyof typeof icons;
