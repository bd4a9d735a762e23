/**
 * What the engine loads on first use, which takes real time: virtual time would run ahead of it. To be imported by every
 * test in virtual time.
 */
import '../../../src/ams/meter-list-file.ts';
import '../../../src/ams/scheduler.ts';
import '../../../src/common/general-errors.ts';
import '../../../src/engine/by-hand.ts';
import '../../../src/engine/collecting.ts';
import '../../../src/engine/listeners.ts';
import '../../../src/engine/read-meter.ts';
import '../../../src/engine/secrets.ts';
import '../../../src/engine/start-listening.ts';
import '../../../src/engine/start-schedule.ts';
import '../../../src/engine/trace-shelf.ts';
import '../../../src/simulator/simulated-driver.ts';
import { protocols } from '../../../src/protocols/registry.ts';

// Modules are loaded once: asked for again they are there at the next turn.
await Promise.all(
  protocols.all.flatMap(({ parts }) => Object.values(parts).map((load: () => Promise<unknown>) => load())),
);
// What is behind a simulated port comes when it is opened.
const meters = await Promise.all(protocols.all.map(async ({ parts }) => (await parts.simulated?.()) ?? []));
await Promise.all(meters.flat().map((meter) => meter.farEnd()));
// Dialogues load their sessions with the first read.
await Promise.all(Object.values(import.meta.glob('../../../src/protocols/*/session.ts')).map((load) => load()));
