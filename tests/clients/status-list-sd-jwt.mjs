// A service that reads status lists with @sd-jwt/jwt-status-list.

import * as library from '@sd-jwt/jwt-status-list';
import { answerStatuses } from './status-list.mjs';

await answerStatuses(library);
