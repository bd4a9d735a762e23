// Both are written into the code by vite.config.ts.
declare const __VERSION__: string;
declare const __COMMIT__: string;

/** The version in package.json. */
export const version: string = __VERSION__;

/** Short git hash of the commit this was built from; 'unknown' outside a git work tree. */
export const commit: string = __COMMIT__;
