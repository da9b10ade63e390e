import * as path from 'node:path';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { DownloadSource } from '../../../../lib';
import { DOWNLOADS } from '../../../../lib/nodes/private/downloads';
import { dcvArchive, DCV_DOWNLOAD_HOST } from '../../image/package-repositories';
import { DEB_DESKTOP, RPM_DESKTOP, scenario } from '../../scenario';

const BUCKET = 'mirror-of-lab';

export default scenario({
  summary: "no way to the vendor of DCV: its archive comes from a bucket, with the node's role and nothing but that folder's permission",
  runsOn: [RPM_DESKTOP, DEB_DESKTOP],
  input: { node: (stack) => ({ dcvSource: DownloadSource.s3(s3.Bucket.fromBucketName(stack, 'Mirror', BUCKET), 'files/dcv') }) },
  world: (world, { family }, downloads) => {
    const { url } = DOWNLOADS[family === 'rpm' ? 'dcv/al2023/x86_64' : 'dcv/ubuntu2404/x86_64'];
    const file = path.join(downloads, DCV_DOWNLOAD_HOST, dcvArchive(family));
    return {
      objects: [...world.objects, { bucket: BUCKET, key: `files/dcv/${path.posix.basename(url)}`, file }],
      faults: [{ on: 'downloads:*', where: { host: DCV_DOWNLOAD_HOST }, effect: { kind: 'error', status: 403, code: 'Forbidden' } }],
    };
  },
  verdict: 'ready',
  expect: (seen, check) => {
    check.that(seen.installed.includes('nice-dcv-server'), 'the server is not installed');
    check.equal(seen.callsOf('downloads').filter((call) => call.arguments.host === DCV_DOWNLOAD_HOST).length, 0, 'requests to the vendor');
    check.equal(
      seen
        .callsOf('s3')
        .filter((call) => call.arguments.bucket === BUCKET)
        .map((call) => call.status),
      [200],
      'requests to the bucket',
    );
  },
});
