export { facades, hotline } from './hotline.ts';
export { peers } from './peers.ts';
export { openGround, type Ground } from './ground.ts';
export { run, scenarios, type Outcome } from './scenarios.ts';
