/**
 * The built-in models whose characters have parity: an address says nothing of it, and a wrong parity is silence. Here
 * and not with their registers, because a line is opened before anything is read.
 */
const WITH_PARITY: readonly string[] = [
  'DDM18SD',
  'DZG DVH4013',
  'Eltako DSZ15/DSZ16',
  'Inepro PRO',
  'Orno WE-514/515',
  'Orno WE-516/517',
  'Orno WE-525/526',
  'Saia ALE3/AWD3',
  'Schneider iEM3000',
  'Siemens 7KT1665/PAC1600',
  'Siemens PAC2200',
  'Wago 879-30xx',
];

/** How its characters leave the factory; what is not known goes without parity, as most do. */
export const framingOfModel = (model: string | undefined): '8E1' | '8N1' =>
  model !== undefined && WITH_PARITY.includes(model) ? '8E1' : '8N1';
