// What both Node peers share: one process for each core, all on one port. The first line that is
// written says where; they serve until standard input ends.

import cluster from 'node:cluster';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

/** Lets each process serve the app that `open` makes from the shared secrets of `prepare`. */
export async function serve(prepare, open) {
  if (cluster.isPrimary) {
    const secrets = JSON.stringify(await prepare());
    const workers = Array.from({ length: availableParallelism() }, () => cluster.fork({ SECRETS: secrets }));
    const listening = await Promise.all(workers.map((worker) => once(worker, 'listening')));
    process.stdout.write(`127.0.0.1:${listening[0][0].port}\n`);
    process.stdin.resume();
    await once(process.stdin, 'end');
    process.exit();
  }
  open(JSON.parse(process.env.SECRETS)).listen(0, '127.0.0.1');
}
