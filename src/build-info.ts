// All are written into the code by vite.config.ts.
declare const __VERSION__: string;
declare const __COMMIT__: string;
declare const __CSP__: string;

/** The version in package.json. */
export const version: string = __VERSION__;

/** Short git hash of the commit this was built from; 'unknown' outside a git work tree. */
export const commit: string = __COMMIT__;

/** The Content-Security-Policy of public/_headers. */
export const contentSecurityPolicy: string = __CSP__;
