import { DEB_LOGIN, RPM_DESKTOP } from '../../scenario';
import { wrongClock } from '../../wrong-clock';

export default wrongClock({ direction: 'behind', runsOn: [RPM_DESKTOP, DEB_LOGIN], tagsError: 'RequestExpired' });
