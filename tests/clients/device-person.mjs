// A person who opens the page of a device, signs in there and allows the access.

import { signInAt } from './redirect-browser.mjs';
import { answer, task } from './task.mjs';

const connected = `${task.issuer}/device/connected`;
answer({ at: (await signInAt(task.page, connected, task)).href });
