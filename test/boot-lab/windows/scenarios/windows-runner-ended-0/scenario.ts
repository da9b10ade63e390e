import { runnerEnded } from '../../interruptions';

export default runnerEnded(0);
