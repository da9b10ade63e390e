import { availableParallelism } from 'node:os';
import type { Half } from '../half';
import { LAB_CHANGES } from './app/lab-changes';
import { WindowsRun, windowsRequests } from './catalogue';
import type { WindowsImage } from './image/windows-image';
import { performWindows } from './lab';

/** A Windows machine waits for half of its time. */
export function windowsHalf(image: WindowsImage, mostLanes: number): Half<WindowsRun> {
  return {
    lanes: Math.min(mostLanes, 2 * availableParallelism()),
    changes: LAB_CHANGES,
    requestsOf: (run, stackName, overlay, overlayOfImage) => windowsRequests(run, stackName, overlay, overlayOfImage, image.downloads),
    perform: async (run, node, imageOf, folder, name, keep) => performWindows(run, node, imageOf, image, folder, name, keep),
  };
}
