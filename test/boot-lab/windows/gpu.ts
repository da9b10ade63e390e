import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { GpuDriver } from '../../../lib';
import type { NodeInput } from '../app/node-under-test';
import { AMD_PACKAGE, fileOf, NVIDIA_PACKAGE } from './image/downloads';
import type { WindowsMachine } from './machine/windows-machine';
import type { WindowsScenario } from './scenario';

/** The version that the stand-in of nvidia-smi says. */
const NVIDIA_VERSION = '596.86';

/** Of a scenario: a node whose GPU gets the driver of NVIDIA. */
export const NVIDIA = scenarioWith('10DE', (downloads) => ({
  instanceType: new ec2.InstanceType('g5.xlarge'),
  gpuDriver: GpuDriver.nvidiaGrid({ release: '20.2', version: NVIDIA_VERSION, ...fileOf(downloads, NVIDIA_PACKAGE) }),
}));

/** Of a scenario: a node whose GPU gets the driver of AMD. */
export const AMD = scenarioWith('1002', (downloads) => ({
  instanceType: new ec2.InstanceType('g4ad.xlarge'),
  gpuDriver: GpuDriver.amd({ file: { version: '24.20.30', ...fileOf(downloads, AMD_PACKAGE) } }),
}));

function scenarioWith(
  vendor: '10DE' | '1002',
  node: (downloads: string) => ReturnType<NonNullable<NodeInput['node']>>,
): Required<Pick<WindowsScenario, 'alsoInstalls' | 'input' | 'play'>> {
  return {
    alsoInstalls: ['setup_post_reboot'],
    input: { node: (_, downloads) => node(downloads) },
    play: async ({ machine }) => {
      addGpu(machine, vendor);
      await machine.run();
    },
  };
}

/** A GPU that Windows has no driver for, but the one of every display. */
function addGpu(machine: WindowsMachine, vendor: '10DE' | '1002'): void {
  const device = {
    PNPDeviceID: `PCI\\VEN_${vendor}&DEV_2237&SUBSYS_152F10DE&REV_A1\\4`,
    CompatibleID: [`PCI\\VEN_${vendor}&CC_030000`, 'PCI\\CC_030000'],
    Name: 'Microsoft Basic Display Adapter',
    Status: 'OK',
    Service: 'BasicDisplay',
    ConfigManagerErrorCode: 0,
  };
  machine.write('C:\\lab\\state\\devices\\gpu.json', JSON.stringify(device));
  // It comes with the driver.
  machine.remove('C:\\windows\\system32\\nvidia-smi.exe');
}
