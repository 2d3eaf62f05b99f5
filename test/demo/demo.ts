/** `npm run demo`: the main job from end to end, on an emulated Google Cloud; exits 0 where all went as promised. */

import { openDemoApp } from './app.ts';
import { playAll } from './scenes.ts';
import { title } from './screen.ts';

const app = await openDemoApp();
try {
  await playAll(app);
  title('All as promised.');
} finally {
  await app.close();
}
