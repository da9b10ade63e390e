import * as fs from 'fs';
import * as path from 'path';
import type { IConstruct } from 'constructs';
import { ConstructError } from '../../construct-error';
import { AwsCli } from '../aws-cli';
import { CloudWatchAgent } from '../cloudwatch-agent';
import type { NodeOptions } from '../node-options';
import type { NodeOs } from '../node-os';
import { NodeOsFamily, PackageManager } from '../node-os-props';
import type { SigningKey, VerifiedFile } from '../verified-file';
import { AMAZON, AWS_CLI_SIGNING_KEY, type DetachedSignature, type Download, DOWNLOADS } from './downloads';
import { logGroupOf } from './log-group';
import { isAmazonLinux2, refuseOnAmazonLinux2, refuseOnWindows, refuseUnused } from './unsupported-options';
import { checkFile, checkKey, isKnown, packageExtension, requireKnown } from './verified-files';

const KEYS = path.join(__dirname, '..', '..', '..', 'assets', 'cluster_node_bootstrap', 'templates', 'keys');

/**
 * A program as the scripts see it: a package of the system, or a file that is downloaded and how it is verified.
 *
 * @internal
 */
export interface AgentFile {
  /** Name in the repositories of the system. */
  readonly package: string | null;
  readonly version: string | null;
  /** Address of the library, with `{region}` and `{domain}`. One of the user is a download setting. */
  readonly default_url: string;
  readonly sha256: string | null;
  readonly fingerprint: string | null;
  readonly public_key: string | null;
  /** Where the key is, when it is not in the script. */
  readonly key_url: string | null;
  /** Organisations of which one has to have signed it, on Windows. */
  readonly signers: readonly string[] | null;
}

const NOTHING: AgentFile = {
  package: null,
  version: null,
  default_url: '',
  sha256: null,
  fingerprint: null,
  public_key: null,
  key_url: null,
  signers: null,
};

/**
 * A package of the system's own repositories.
 *
 * @internal
 */
export function packageOf(name: string): AgentFile {
  return { ...NOTHING, package: name };
}

/**
 * A file that somebody vouches for.
 *
 * @internal
 */
export function fileOf({ version, sha256 }: VerifiedFile): AgentFile {
  return { ...NOTHING, version, sha256: sha256.toLowerCase() };
}

/**
 * A file of the library's table.
 *
 * @internal
 */
export function downloadOf({ version, url, sha256, signature, signers }: Download, key?: SigningKey): AgentFile {
  const verified = { sha256: sha256 ?? null, signers: signers ?? null, ...(signature === undefined ? {} : signedBy(signature, key)) };
  return { ...NOTHING, version, default_url: url, ...verified };
}

function signedBy({ fingerprint, key }: DetachedSignature, own?: SigningKey): Partial<AgentFile> {
  if (own !== undefined) {
    return { fingerprint: own.fingerprint.replace(/\s/g, '').toUpperCase(), public_key: own.publicKey.trim() };
  }
  return key.endsWith('.asc') ? { fingerprint, public_key: readKey(key) } : { fingerprint, key_url: key };
}

const keys = new Map<string, string>();

/** Read once: there may be hundreds of nodes. */
function readKey(name: string): string {
  const text = keys.get(name) ?? fs.readFileSync(path.join(KEYS, name), 'utf8').trim();
  keys.set(name, text);
  return text;
}

/**
 * Programs of AWS that a node gets; null for one that the library does not bring. Amazon Linux 2 gets none.
 *
 * @internal
 */
export interface NodeAgents {
  /** The AWS CLI, and whether the node fails without. */
  readonly awsCli: (AgentFile & { readonly required: boolean }) | null;
  /** The CloudWatch agent of a node with a log group. */
  readonly cloudWatchAgent: AgentFile | null;
}

/** @internal */
export function nodeAgents(props: NodeOptions, architecture: string): NodeAgents {
  return { awsCli: awsCliFile(props, architecture), cloudWatchAgent: cloudWatchAgentFile(props, architecture) };
}

/** @internal */
export function awsCliFile({ os, awsCli }: Pick<NodeOptions, 'os' | 'awsCli'>, architecture: string): NodeAgents['awsCli'] {
  if (isAmazonLinux2(os) || awsCli?._isNone === true) return null;
  return { ...awsCliSource(os, awsCli ?? AwsCli.standard(), architecture), required: awsCli !== undefined };
}

function awsCliSource(os: NodeOs, { _file: file, _signed: signed }: AwsCli, architecture: string): AgentFile {
  if (file !== undefined) return fileOf(file);
  const isWindows = os.family === NodeOsFamily.WINDOWS;
  const pinned = DOWNLOADS[isWindows ? `aws-cli/windows/${architecture}` : `aws-cli/${architecture}`];
  if (signed !== undefined) {
    const { version, signingKey } = signed;
    const url = pinned.url.replace(pinned.version, version);
    const by = isWindows ? { signers: AMAZON } : { signature: AWS_CLI_SIGNING_KEY };
    return downloadOf({ ...pinned, version, url, sha256: undefined, ...by }, signingKey);
  }
  return os.distribution === 'amazonlinux' ? packageOf('awscli-2') : downloadOf(pinned);
}

/**
 * The SSM agent of a node whose image has none: AWS publishes it as an rpm.
 *
 * @internal
 */
export function ssmAgentFile(os: NodeOs, architecture: string, key?: SigningKey): AgentFile | null {
  const missing = os.family === NodeOsFamily.LINUX && !os.ssmAgentInImage && os.packageManager !== PackageManager.APT;
  return missing ? downloadOf(DOWNLOADS[`ssm-agent/${architecture}`], key) : null;
}

function cloudWatchAgentFile(props: NodeOptions, architecture: string): AgentFile | null {
  const { os, cloudWatchAgent = CloudWatchAgent.signed() } = props;
  if (isAmazonLinux2(os) || logGroupOf(props) === undefined || cloudWatchAgent._isNone) return null;
  if (cloudWatchAgent._file !== undefined) return fileOf(cloudWatchAgent._file);
  if (os.distribution === 'amazonlinux') return packageOf('amazon-cloudwatch-agent');
  const folder = { deb: 'ubuntu', rpm: 'redhat', msi: 'windows' }[packageExtension(os)];
  return downloadOf(DOWNLOADS[`cloudwatch-agent/${folder}/${architecture}`], cloudWatchAgent._signingKey);
}

/**
 * What mounts file systems with `tls` or `iam`; null where none asks for it.
 *
 * @internal
 */
export function efsUtilsFile({ os, cluster, efsUtils }: Pick<NodeOptions, 'os' | 'cluster' | 'efsUtils'>): AgentFile | null {
  if (os.family !== NodeOsFamily.LINUX || !cluster.fileSystems.some((fileSystem) => fileSystem._needsEfsUtils)) return null;
  return efsUtils === undefined ? packageOf('amazon-efs-utils') : fileOf(efsUtils);
}

/**
 * What can be told of the programs from the properties alone.
 *
 * @internal
 */
export function checkAgents(node: IConstruct, props: NodeOptions): void {
  const { os, awsCli, cloudWatchAgent } = props;
  const agent = cloudWatchAgent?._isNone === true ? undefined : cloudWatchAgent;
  const wanted = { awsCli: awsCli?._isNone === true ? undefined : awsCli, cloudWatchAgent: agent };
  refuseOnAmazonLinux2(node, os, wanted);
  const isWindows = os.family === NodeOsFamily.WINDOWS;
  const keys = { 'awsCli.signingKey': awsCli?._signed?.signingKey, 'cloudWatchAgent.signingKey': agent?._signingKey };
  for (const [name, key] of Object.entries(keys)) {
    refuseUnused(node, isWindows && key !== undefined, name, `on ${os.name}, which goes by the certificates that it trusts`);
  }
  if (agent?._file !== undefined) checkFile(node, 'cloudWatchAgent', agent._file, packageExtension(os));
  checkKey(node, 'cloudWatchAgent.signingKey', agent?._signingKey);
  const isMute = agent !== undefined && logGroupOf(props) === undefined;
  refuseUnused(node, isMute, 'cloudWatchAgent', 'without a log group, without which a node has no agent', 'pass logGroup, or ');
  if (awsCli === undefined) return;
  const { _file: file, _signed: signed } = awsCli;
  if (file !== undefined) checkFile(node, 'awsCli', file, isWindows ? 'msi' : 'zip');
  if (signed !== undefined) {
    const { version } = signed;
    requireKnown(node, 'InvalidVerifiedFile', 'awsCli', [
      [isKnown(version, /^2(\.[0-9]+){2}$/), 'a version such as 2.36.7', version, 'take one of the changelog of AWS CLI version 2'],
    ]);
  }
  checkKey(node, 'awsCli.signingKey', signed?.signingKey);
}

/**
 * Without a package for it no node of another system can mount a file system with `tls` or `iam`: told here, not by the node.
 *
 * @internal
 */
export function checkEfsUtils(node: IConstruct, { os, cluster, efsUtils }: NodeOptions): void {
  refuseOnAmazonLinux2(node, os, { efsUtils });
  refuseOnWindows(node, os, { efsUtils });
  if (efsUtils !== undefined) checkFile(node, 'efsUtils', efsUtils, packageExtension(os));
  const asking = os.family === NodeOsFamily.LINUX ? cluster.fileSystems.find((fileSystem) => fileSystem._needsEfsUtils) : undefined;
  const why = 'where no file system of the cluster has tls or iam in its mountOptions';
  refuseUnused(node, efsUtils !== undefined && asking === undefined, 'efsUtils', why);
  if (asking !== undefined && efsUtils === undefined && os.distribution !== 'amazonlinux') {
    throw new ConstructError(
      'EfsUtilsRequired',
      `expected efsUtils, since ${asking.mountPath} is mounted with tls or iam and ${os.name} has no package amazon-efs-utils, got none; give a package that you have verified, { version, url, sha256 }, leave the two options out, or use Amazon Linux`,
      node,
    );
  }
}
