import { requestsOf, Run } from './catalogue';
import type { Half } from './half';
import type { Images } from './image/images';
import { perform } from './lab';

export function linuxHalf(images: Images, lanes: number): Half<Run> {
  return {
    lanes,
    changes: [],
    requestsOf: (run, stackName, overlay, overlayOfImage) => requestsOf(run, stackName, overlay, overlayOfImage, images.downloads),
    perform: async (run, node, imageOf, folder, name, keep) => perform(run, node, imageOf, images, folder, name, keep),
  };
}
