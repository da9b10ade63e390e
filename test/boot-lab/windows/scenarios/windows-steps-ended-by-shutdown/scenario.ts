import { stepsEnded } from '../../interruptions';

export default stepsEnded(1073807364, 'that of a shutdown');
