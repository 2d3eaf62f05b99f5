/** `npm run demo`: the main job from end to end, on an emulated Google Cloud; exits 0 where all went as promised. */

import { openDemoApp } from './app.ts';
import { runAllSteps } from './run-steps.ts';
import { title } from './screen.ts';

const app = await openDemoApp();
try {
  await runAllSteps(app);
  title('All as promised.');
} finally {
  await app.close();
}
