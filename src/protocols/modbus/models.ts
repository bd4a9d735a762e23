/**
 * Names of the models that are built in, by the format of their characters: an address has none, and a wrong parity is
 * silence. Here and not with their registers, because a form needs them before anything is read.
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
const WITHOUT_PARITY: readonly string[] = [
  'ABB B21/B23/B24',
  'Acrel ADW300',
  'B+G DS100',
  'B+G WS100',
  'Bernecker MPM3PM',
  'Carlo Gavazzi EM110/EM112',
  'Carlo Gavazzi EM24',
  'Carlo Gavazzi EM24 E1',
  'Carlo Gavazzi EM330/EM340',
  'Chint DTSU666',
  'Eastron SDM120',
  'Eastron SDM220',
  'Eastron SDM230',
  'Eastron SDM54',
  'Eastron SDM630',
  'Eastron SDM72D',
  'Eastron SDM72D-M v2',
  'Eastron SMART X96-1A',
  'Finder 7M.24',
  'Finder 7M.38',
  'Janitza UMG',
  'Lovato DMG610',
  'Orno WE-504',
  'Socomec Countis/Diris',
  'SolarEdge SE-MTR-3Y',
  'SunSpec',
];

export const models: readonly string[] = [...WITH_PARITY, ...WITHOUT_PARITY].toSorted();

/** How its characters leave the factory; what is not known goes without parity, as most do. */
export const framingOfModel = (model: string | undefined): '8E1' | '8N1' =>
  model !== undefined && WITH_PARITY.includes(model) ? '8E1' : '8N1';
