import { join } from 'node:path';
import { root } from './setup.js';
import { serve } from './static-server.js';

// node tests/tools/serve.js <port>: dist on exactly that port, for the browser tests
const { url } = await serve(join(root, 'dist'), { port: Number(process.argv[2]) });
console.log(url);
