import { duringInstallation } from '../../interruptions';
import { STATE_FOLDER } from '../../observation';
import { plainOrder, windowsScenario } from '../../scenario';

export default windowsScenario({
  summary: 'Windows goes down for updates and refuses the installer long before it ends the runner: no failure, and the next boot goes on',
  verdict: 'ready',
  withinSeconds: 180,
  play: async (lab) => {
    const request = {
      LogName: 'System',
      Id: 1074,
      Message: 'The process C:\\Windows\\system32\\svchost.exe has initiated the restart of computer',
    };
    // ERROR_INSTALL_FAILURE, as Windows Installer says while a shutdown is in progress.
    await duringInstallation(lab, '1603', async () => {
      lab.machine.write('C:\\lab\\state\\events\\1.json', JSON.stringify(request));
      const log = (): string => lab.machine.read(`${STATE_FOLDER}\\logs\\runner.log`) ?? '';
      await lab.until('the runner waits or gives up', () => /waiting for a restart|tag cluster-node:State is failed/.test(log()));
      lab.machine.restart();
    });
  },
  expect: (seen, check) => {
    const order = plainOrder({ 'virtual_desktop.install': 2 });
    check.equal(seen.order, order.replace('virtual_desktop.install@2', 'virtual_desktop.install@1!1 virtual_desktop.install@2'), 'steps');
  },
});
