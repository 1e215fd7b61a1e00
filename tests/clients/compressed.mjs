// How many bytes a file takes when a gateway compresses it.

import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { answer, task } from './task.mjs';

const content = readFileSync(task.file);
answer({ gzip: gzipSync(content, { level: 9 }).length, brotli: brotliCompressSync(content).length });
