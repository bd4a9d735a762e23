import { spawn, spawnSync } from 'node:child_process';

// node guard.js <command…>: runs a command in a process group that ends as a whole with whoever started this guard. That
// one holds the other end of the standard input: it closes when the process is gone, however it went.

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

function endAll() {
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
  else process.kill(-process.pid, 'SIGKILL'); // this process is the group's leader, and ends with it
  process.exit(1);
}

child.once('error', (error) => {
  console.error(String(error));
  process.exit(127);
});
child.once('exit', (code) => process.exit(code ?? 1));
process.stdin.on('end', endAll).on('error', endAll).resume();
