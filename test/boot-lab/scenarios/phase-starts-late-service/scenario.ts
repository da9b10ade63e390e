import { DEB_LOGIN, RPM_DESKTOP, scenario } from '../../scenario';

export default scenario({
  summary: 'after the reboot a phase starts a service that is ordered after all targets of a boot: it starts, and the node is ready',
  runsOn: [RPM_DESKTOP, DEB_LOGIN],
  input: { node: () => ({ packages: ['linux-firmware'] }) },
  verdict: 'ready',
  expect: (seen, check) => {
    check.matches(seen.order, /setup_user_customization@2$/, 'phases');
    check.that(seen.live?.activeUnits.includes('late.service') === true, 'the service is not active');
  },
});
