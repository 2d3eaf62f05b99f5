/** Makes a fresh clone ready: installs the locked dependencies where they are missing, and builds. */

import { install, NODE, run } from './install.mjs';

install();
run(NODE, ['deploy/bundle.ts']);
