import { stepsEnded } from '../../interruptions';

export default stepsEnded(1, '1');
