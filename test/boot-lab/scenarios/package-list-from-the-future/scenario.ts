import { DEB_DESKTOP, DEB_LOGIN, scenario } from '../../scenario';

const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toUTCString();

export default scenario({
  summary:
    'the package list is not valid yet, as with a clock that is an hour behind, when the first package is installed: tried again, to ready',
  runsOn: [DEB_DESKTOP, DEB_LOGIN],
  world: () => ({
    faults: [{ on: 'packages:*/Release', times: 2, effect: { kind: 'replace', pattern: '^Date: .*$', text: `Date: ${IN_AN_HOUR}` } }],
  }),
  verdict: 'ready',
  expect: (seen, check) => {
    check.matches(seen.order, /^setup@1 .*setup_user_customization@1$/, 'phases');
    check.matches(seen.log('setup.install'), /not valid yet/, 'log of the install');
  },
});
