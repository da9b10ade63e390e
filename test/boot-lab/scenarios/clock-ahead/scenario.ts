import { DEB_LOGIN } from '../../scenario';
import { wrongClock } from '../../wrong-clock';

export default wrongClock({ direction: 'ahead', runsOn: [DEB_LOGIN], tagsError: 'AuthFailure' });
