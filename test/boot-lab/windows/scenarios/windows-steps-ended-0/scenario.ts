import { stepsEnded } from '../../interruptions';

export default stepsEnded(0, '0, as if all were well');
