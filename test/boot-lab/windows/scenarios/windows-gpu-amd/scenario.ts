import { AMD } from '../../gpu';
import { windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'a GPU of AMD: its driver by pnputil from an archive, a restart that it asks for, and the proof',
  verdict: 'ready',
  ...AMD,
  expect: (seen, check) => {
    check.equal(seen.boots.length, 2, 'boots');
    check.equal(seen.callsTo('pnputil.exe').length, 1, 'installations of the driver');
    check.matches(seen.log('setup_post_reboot'), /the driver of the GPU works/, 'proof');
    check.equal(seen.machine.list('C:\\ProgramData\\ClusterNode\\downloads'), [], 'downloads that are left');
  },
});
