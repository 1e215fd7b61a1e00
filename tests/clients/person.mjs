// A person who opens a page, signs in there and allows the access, until the browser comes to `callback`.

import { signInAt } from './redirect-browser.mjs';
import { answer, task } from './task.mjs';

answer({ at: (await signInAt(task.page, task.callback, task)).href });
