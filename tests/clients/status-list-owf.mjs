// A service that reads status lists with @owf/token-status-list.

import * as library from '@owf/token-status-list';
import { answerStatuses } from './status-list.mjs';

await answerStatuses(library);
