import { abb } from './abb.ts';
import { acrel } from './acrel.ts';
import { bernecker } from './bernecker.ts';
import { bgEtech } from './bg-etech.ts';
import { carloGavazzi } from './carlo-gavazzi.ts';
import { chint } from './chint.ts';
import { ddm18sd } from './ddm18sd.ts';
import { dzg } from './dzg.ts';
import { eastron } from './eastron.ts';
import { eltako } from './eltako.ts';
import { finder } from './finder.ts';
import { inepro } from './inepro.ts';
import { janitza } from './janitza.ts';
import { lovato } from './lovato.ts';
import { orno } from './orno.ts';
import { saia } from './saia.ts';
import { schneider } from './schneider.ts';
import { siemens } from './siemens.ts';
import { socomec } from './socomec.ts';
import { solaredge } from './solaredge.ts';
import { wago } from './wago.ts';
import type { Profile } from './profile.ts';

/** Every built-in profile; who is recognized by a sign comes before who is only like others. */
export const profiles: readonly Profile[] = [
  ...abb,
  ...schneider,
  ...carloGavazzi,
  ...socomec,
  ...siemens,
  ...eastron,
  ...janitza,
  ...finder,
  ...lovato,
  ...chint,
  ...dzg,
  ...eltako,
  ...inepro,
  ...wago,
  ...bernecker,
  ...orno,
  ...saia,
  ...solaredge,
  ...acrel,
  ...bgEtech,
  ...ddm18sd,
];
