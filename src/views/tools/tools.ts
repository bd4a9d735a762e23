import type { Component } from 'svelte';
import type { Tool } from '../shell/routes.ts';
import ErrorCodesTool from './ErrorCodesTool.svelte';
import HeadCheckTool from './HeadCheckTool.svelte';

export interface ToolEntry {
  readonly id: Tool;
  readonly name: string;
  readonly purpose: string;
  readonly component: Component;
}

/** A new tool is one line here and one in `shell/routes.ts`. */
export const tools: readonly ToolEntry[] = [
  {
    id: 'head-check',
    name: 'Head check',
    purpose: 'Does the head send, does it hear, which chip is it?',
    component: HeadCheckTool,
  },
  { id: 'errors', name: 'Error codes', purpose: 'What the numbers mean and what to try.', component: ErrorCodesTool },
];
