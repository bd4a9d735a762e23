import type { Component } from 'svelte';
import type { Tool } from '../shell/routes.ts';
import ChangeTool from './change/ChangeTool.svelte';
import DecoderTool from './decoder/DecoderTool.svelte';
import ErrorCodesTool from './ErrorCodesTool.svelte';
import FindTool from './find/FindTool.svelte';
import InputsTool from './inputs/InputsTool.svelte';
import HeadCheckTool from './HeadCheckTool.svelte';
import ProfilesTool from './profiles/ProfilesTool.svelte';
import TerminalTool from './terminal/TerminalTool.svelte';

export interface ToolEntry {
  readonly id: Tool;
  readonly name: string;
  readonly purpose: string;
  readonly component: Component;
}

/** A new tool is one line here and one in `shell/routes.ts`. */
export const tools: readonly ToolEntry[] = [
  {
    id: 'find',
    name: 'Find meters',
    purpose: 'Search a whole bus and add what is there to your list.',
    component: FindTool,
  },
  {
    id: 'decoder',
    name: 'Decoder',
    purpose: 'Paste any frame or readout and see every byte explained.',
    component: DecoderTool,
  },
  {
    id: 'head-check',
    name: 'Head check',
    purpose: 'Does the head send, does it hear, which chip is it?',
    component: HeadCheckTool,
  },
  {
    id: 'change',
    name: 'Change a meter',
    purpose: 'Set the primary address or baud rate of an M-Bus meter, or reset its application.',
    component: ChangeTool,
  },
  {
    id: 'inputs',
    name: 'A/D inputs',
    purpose: 'Sensors, contacts and S0 pulses: live values, calibration, counters.',
    component: InputsTool,
  },
  {
    id: 'profiles',
    name: 'Meter profiles',
    purpose: 'What the registers of a model mean: look at those built in, write your own, import and export them.',
    component: ProfilesTool,
  },
  {
    id: 'terminal',
    name: 'AT terminal',
    purpose: 'The commands of the SmartCOM, answered by this device.',
    component: TerminalTool,
  },
  { id: 'errors', name: 'Error codes', purpose: 'What the numbers mean and what to try.', component: ErrorCodesTool },
];
