import { type Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { ConstructError } from '../construct-error';
import { decryptStatement } from '../decrypt-statement';
import { hasForm } from '../values/value-rule';

/**
 * A place of your own for files that nodes otherwise download from their vendors, for networks without a way there. The files
 * lie in one folder and have the names that they have at the vendor's; what is downloaded is checked as the vendor's is.
 */
export class DownloadSource {
  /**
   * A folder in a bucket. Nodes read it with their role, which gets the permission for this folder, and for the key of the
   * bucket where the app knows it. A gateway endpoint for S3 is way enough, to a bucket of the node's Region. A bucket of another
   * account has to let the role in itself, and so has its key: `bucket.grantRead(node)`, or its policy.
   *
   * @param bucket of any Region of the partition. One of another Region than the node's has to be known by its `region`
   * @param prefix folder in it, such as `mirror/dcv`: letters, digits, `!`, `_`, `.`, `'`, `(`, `)`, `-` and `/`, known at synth
   * @throws when the prefix has another form
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
   */
  public static s3(bucket: s3.IBucket, prefix = ''): DownloadSource {
    const folder = Token.isUnresolved(prefix) ? undefined : prefix.replace(/\/$/, '');
    if (folder === undefined || !/^([A-Za-z0-9!_.'()-]+(\/[A-Za-z0-9!_.'()-]+)*)?$/.test(folder)) {
      throw new ConstructError(
        'InvalidDownloadSource',
        `expected the prefix of a DownloadSource to be folders with / between them, known at synth, such as mirror/dcv, got ${folder === undefined ? 'a token; pass a plain string' : `'${prefix}'; leave other characters out`}`,
      );
    }
    return new DownloadSource(`s3://${bucket.bucketName}/${folder === '' ? '' : `${folder}/`}`, { bucket, folder });
  }

  /**
   * A folder of a web server that asks for no password. Downloads go through the proxy of the cluster, unless `noProxy` names
   * the server.
   *
   * @param url its address, such as `https://mirror.example.com/dcv`. May be a token
   * @throws when it is no https address, or has a user, a query or a fragment
   */
  public static https(url: string): DownloadSource {
    if (!Token.isUnresolved(url) && !hasForm(url, /^https:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?$/)) {
      throw new ConstructError(
        'InvalidDownloadSource',
        `expected the address of a DownloadSource to be of the form https://host/folder, without a user, a query or a fragment, got '${url}'; name a folder that https gives to everybody, or use DownloadSource.s3`,
      );
    }
    return new DownloadSource(`${Token.isUnresolved(url) ? url : url.replace(/\/+$/, '')}/`);
  }

  private constructor(
    private readonly base: string,
    private readonly s3?: { readonly bucket: s3.IBucket; readonly folder: string },
  ) {}

  /**
   * The address of a file, as `download` of the scripts takes it.
   *
   * @param vendorUrl address of the file at the vendor's
   * @internal
   */
  public _address(vendorUrl: string, stack: Stack): string {
    const address = `${this.base}${vendorUrl.slice(vendorUrl.lastIndexOf('/') + 1)}`;
    const region = this.s3?.bucket.env.region;
    return addressInRegion(address, region === stack.region ? undefined : region);
  }

  /**
   * What the role of a node needs to read it.
   *
   * @internal
   */
  public _statements(): iam.PolicyStatement[] {
    if (this.s3 === undefined) return [];
    const { bucket, folder } = this.s3;
    // Not one object: versions of the launch template that were deployed before boot as well.
    const objects = bucket.arnForObjects(folder === '' ? '*' : `${folder}/*`);
    const read = new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [objects] });
    const key = bucket.encryptionKey;
    return key === undefined ? [read] : [read, decryptStatement(key, 's3', bucket.env.region)];
  }
}

/**
 * S3 knows no Region in an address, so that of another one than the node's stands behind it.
 *
 * @internal
 */
export function addressInRegion(address: string, region: string | undefined): string {
  return region !== undefined && address.startsWith('s3://') ? `${address}?region=${region}` : address;
}
