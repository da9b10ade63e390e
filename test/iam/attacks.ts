import { NodeTags } from '../../lib';
import type { AuthorizationRequest } from '../boot-lab/services/iam';
import { type Place, Requests, type Tags, tagsOf } from './place';
import type { Attack } from './proof';

export const OTHER_REGION = 'us-east-1';
export const OTHER_ACCOUNT = '444455556666';
export const OTHER_INSTANCE = 'i-0fedcba9876543210';

/** What somebody tries who runs code as root on a node, or has the credentials of its role. */
export function attacks(place: Place): readonly Attack[] {
  const requests = new Requests(place);
  const groups = [
    onTags,
    onSignals,
    onBundles,
    onMirrors,
    onDrivers,
    onFileSystems,
    onSecrets,
    onStacks,
    onInstances,
    onRoles,
    onSystemsManager,
    onGroups,
    onLogs,
    onMetrics,
  ];
  return groups.flatMap((group) =>
    Object.entries(group(requests, place)).map(([name, made]) => ({ name, requests: Array.isArray(made) ? made : [made] })),
  );
}

type Attempts = Readonly<Record<string, AuthorizationRequest | AuthorizationRequest[]>>;

function onTags(requests: Requests, { instance, clusterId }: Place): Attempts {
  const own = tagsOf(clusterId);
  const state = [NodeTags.STATE];
  return {
    "the state of another owner's desktop": requests.tag(OTHER_INSTANCE, tagsOf(clusterId, 'bob'), state),
    'the state of a node whose id begins like the own': requests.tag(`${instance}0`, own, state),
    'the state of a node whose id ends like the own': requests.tag(`i-0${instance.slice(2)}`, own, state),
    'the state of a node of another cluster': requests.tag(OTHER_INSTANCE, tagsOf('other'), state),
    'the state of an instance without tags': requests.tag(OTHER_INSTANCE, {}, state),
    'the state of the own instance in another Region': requests.tag(instance, own, state, OTHER_REGION),
    'the state of the own instance in another account': requests.tag(instance, own, state, undefined, OTHER_ACCOUNT),
    'the own owner': requests.tag(instance, own, [NodeTags.SESSION_OWNER]),
    'the own owner, beside the state': requests.tag(instance, own, [NodeTags.STATE, NodeTags.SESSION_OWNER]),
    'the own cluster': requests.tag(instance, own, [NodeTags.CLUSTER_ID]),
    'the stack that the node signals': requests.tag(instance, own, [NodeTags.SIGNAL_STACK, NodeTags.SIGNAL_RESOURCE]),
    'the own name': requests.tag(instance, own, ['Name']),
    'a state in other letters': requests.tag(instance, own, ['cluster-node:state']),
    'a call that names no tag': requests.instance('ec2:CreateTags', instance, own),
    'tags of a volume': requests.of('ec2:CreateTags', requests.arn('ec2', 'volume/vol-0123456789abcdef0'), { 'aws:TagKeys': state }),
    'tags of the launch template': requests.of('ec2:CreateTags', requests.arn('ec2', 'launch-template/lt-0123456789abcdef0'), {
      'aws:TagKeys': state,
    }),
    'the own state, deleted': requests.instance('ec2:DeleteTags', instance, own, { 'aws:TagKeys': state }),
    'the own owner, deleted': requests.instance('ec2:DeleteTags', instance, own, { 'aws:TagKeys': [NodeTags.SESSION_OWNER] }),
  };
}

function onLogs(requests: Requests, { logGroup = '/lab/nodes' }: Place): Attempts {
  return {
    'a line in the log of another group': requests.logs('PutLogEvents', '/payroll', 'a'),
    'a line in a group whose name begins like the own': requests.logs('PutLogEvents', `${logGroup}2`, 'a'),
    'a stream of another group': requests.logs('CreateLogStream', '/payroll', 'a'),
    'the streams of another group': requests.logs('DescribeLogStreams', '/payroll'),
    'a line in the own group of another Region': requests.logs('PutLogEvents', logGroup, 'a', OTHER_REGION),
    'a line in the own group of another account': requests.logs('PutLogEvents', logGroup, 'a', undefined, OTHER_ACCOUNT),
    'a stream of the own group in another Region': requests.logs('CreateLogStream', logGroup, 'a', OTHER_REGION),
    'a stream of the own group in another account': requests.logs('CreateLogStream', logGroup, 'a', undefined, OTHER_ACCOUNT),
    'the streams of the own group in another Region': requests.logs('DescribeLogStreams', logGroup, '', OTHER_REGION),
    'the streams of the own group in another account': requests.logs('DescribeLogStreams', logGroup, '', undefined, OTHER_ACCOUNT),
    'the streams of a group whose name begins like the own': requests.logs('DescribeLogStreams', `${logGroup}2`),
    'the log of another node, read': requests.logs('GetLogEvents', logGroup, 'a'),
    'the log group, searched': requests.logs('FilterLogEvents', logGroup),
    'a stream, deleted': requests.logs('DeleteLogStream', logGroup, 'a'),
    'the log group, deleted': requests.logs('DeleteLogGroup', logGroup),
    'another time to keep logs': requests.logs('PutRetentionPolicy', logGroup),
    'a new group': requests.logs('CreateLogGroup', '/new'),
  };
}

function onMetrics(requests: Requests): Attempts {
  const put = (namespace: string) => requests.of('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': [namespace] });
  return {
    'a metric of another program': put('Payroll'),
    'a metric of AWS': put('AWS/EC2'),
    'a metric of a namespace that begins like the own': put('CWAgent2'),
    'a metric of the own namespace in other letters': put('cwagent'),
    'a metric without a namespace': requests.of('cloudwatch:PutMetricData', '*'),
    'metrics, read': requests.of('cloudwatch:GetMetricData', '*'),
    'an alarm, switched off': requests.of('cloudwatch:DisableAlarmActions', requests.arn('cloudwatch', 'alarm:costs')),
    'an alarm, deleted': requests.of('cloudwatch:DeleteAlarms', requests.arn('cloudwatch', 'alarm:costs')),
  };
}

function onSignals(requests: Requests, { clusterId, ownStack, stackName, signalsWithRole }: Place): Attempts {
  const signal = (name: string, region?: string, account?: string) => requests.stack('SignalResource', name, region, account);
  const desktop = (id: string) => `${clusterId}-desktop-${id}`;
  return {
    'a signal to a desktop of another cluster': signal('other-desktop-0a1b2c3d4e5f6'),
    'a signal to a cluster whose name begins like the own': signal(`${clusterId}2-desktop-0a1b2c3d4e5f6`),
    'a signal to any stack': signal('payroll'),
    'a signal to the own stack in another Region': signal(ownStack, OTHER_REGION),
    'a signal to the own stack in another account': signal(ownStack, undefined, OTHER_ACCOUNT),
    // A login node signs for the stack that its role is in.
    ...(stackName === ownStack ? {} : { 'a signal to the stack of the launch template': signal(stackName) }),
    // IAM cannot tell the desktops of a cluster apart.
    ...(signalsWithRole && ownStack.startsWith(desktop(''))
      ? {}
      : { "a signal to another owner's desktop": signal(desktop('6f5e4d3c2b1a0')) }),
    ...(signalsWithRole ? {} : { 'a signal to the own stack': signal(ownStack) }),
  };
}

function onBundles(requests: Requests, { bucket, bundle, region }: Place): Attempts {
  return {
    'a template from the bucket of the bundles': requests.object('GetObject', bucket, `${'0'.repeat(64)}.json`),
    'an asset whose name only contains the extension': requests.object('GetObject', bucket, `${bundle}.zip`),
    'a bundle of another bucket': requests.object('GetObject', 'payroll', bundle),
    'a bundle from the bucket of another Region': requests.object('GetObject', bucket.replace(region, OTHER_REGION), bundle),
    'another bundle in place of the own': requests.object('PutObject', bucket, bundle),
    'the own bundle, deleted': requests.object('DeleteObject', bucket, bundle),
    'an older version of the bundle': requests.object('GetObjectVersion', bucket, bundle),
    'the bundle, open to the world': requests.object('PutObjectAcl', bucket, bundle),
    'the list of the bundles': requests.bucket('ListBucket', bucket),
    'the policy of the bucket': requests.bucket('PutBucketPolicy', bucket),
    "a licence in AWS's bucket": requests.object('PutObject', `dcv-license.${region}`, 'license'),
    "the list of AWS's bucket of licences": requests.bucket('ListBucket', `dcv-license.${region}`),
    'licences of another Region': requests.object('GetObject', `dcv-license.${OTHER_REGION}`, 'license'),
    'a bucket with a name like that of the licences': requests.object('GetObject', `dcv-license.${region}.example`, 'license'),
  };
}

function onMirrors(requests: Requests, place: Place): Attempts {
  const { mirror, mirrorKey = requests.arn('kms', 'key/0') } = place;
  const viaS3 = requests.s3(mirrorKey.split(':')[3]);
  const alias = place.mirrorAlias;
  const decrypt = (key: string) => requests.key('Decrypt', key, viaS3, alias);
  const { bucket, folder } = mirror ?? { bucket: 'mirror-of-lab', folder: 'files/dcv' };
  return {
    'another folder of the mirror': requests.object('GetObject', bucket, 'files/payroll.csv'),
    'a folder whose name begins like that of the mirror': requests.object('GetObject', bucket, `${folder}2/file`),
    'the folder of the mirror in another bucket': requests.object('GetObject', `${bucket}2`, `${folder}/file`),
    'another file in the mirror': requests.object('PutObject', bucket, `${folder}/file`),
    'the list of the mirror': requests.bucket('ListBucket', bucket),
    'decryption with the key of the mirror, not by way of S3': requests.key('Decrypt', mirrorKey, undefined, alias),
    'decryption by way of S3 of another Region': requests.key('Decrypt', mirrorKey, requests.s3(OTHER_REGION), alias),
    'decryption by way of S3 with the key of the same id in another Region': decrypt(
      mirrorKey.replace(/:kms:[^:]+:/, `:kms:${OTHER_REGION}:`),
    ),
    'decryption by way of S3 with the key of the same id in another account': decrypt(mirrorKey.replace(place.account, OTHER_ACCOUNT)),
    'encryption with the key of the mirror by way of S3': requests.key('Encrypt', mirrorKey, viaS3, alias),
    'decryption by way of S3 with a key of another alias': requests.key(
      'Decrypt',
      requests.arn('kms', 'key/ffffffff-0000-4000-8000-000000000000'),
      viaS3,
      'alias/payroll',
    ),
  };
}

function onDrivers(requests: Requests, { driver }: Place): Attempts {
  const { bucket, key } = driver ?? { bucket: 'ec2-linux-nvidia-drivers', key: 'grid-19.4/nvidia.run' };
  return {
    "another file of the driver's bucket": requests.object('GetObject', bucket, 'payroll.csv'),
    'a file whose name begins like that of the driver': requests.object('GetObject', bucket, `${key}2`),
    'the driver in another bucket': requests.object('GetObject', `${bucket}2`, key),
    'another file in place of the driver': requests.object('PutObject', bucket, key),
    "the list of the driver's bucket": requests.bucket('ListBucket', bucket),
  };
}

function onFileSystems(requests: Requests, { fileSystem, account }: Place): Attempts {
  const own = fileSystem ?? requests.arn('elasticfilesystem', 'file-system/fs-0123456789abcdef0');
  const to = (action: string, arn: string) => requests.of(`elasticfilesystem:${action}`, arn);
  const uses = { mounted: 'ClientMount', 'written to': 'ClientWrite', 'used by root': 'ClientRootAccess' };
  return {
    ...Object.assign(
      {},
      ...Object.entries(uses).map(([used, action]) => ({
        [`another file system, ${used}`]: to(action, requests.arn('elasticfilesystem', 'file-system/fs-0fedcba9876543210')),
        [`a file system whose id begins like the own, ${used}`]: to(action, `${own}0`),
        [`the file system of the same id in another Region, ${used}`]: to(
          action,
          own.replace(/(:elasticfilesystem:)[^:]+/, `$1${OTHER_REGION}`),
        ),
        [`the file system of the same id in another account, ${used}`]: to(action, own.replace(account, OTHER_ACCOUNT)),
      })),
    ),
    'the file system, deleted': to('DeleteFileSystem', own),
    'another policy of the file system': to('PutFileSystemPolicy', own),
  };
}

function onSecrets(requests: Requests, place: Place): Attempts {
  const named = (name: string, region?: string, account?: string) => requests.arn('secretsmanager', `secret:${name}`, region, account);
  const hostKeys = named('lab/host-keys-AbCdEf');
  const secret = place.secret ?? hostKeys;
  const key = place.key ?? requests.arn('kms', 'key/0');
  const otherKey = requests.arn('kms', 'key/ffffffff-0000-4000-8000-000000000000');
  const read = (arn: string) => requests.secret('GetSecretValue', arn);
  const viaSecrets = (arn: string) => requests.key('Decrypt', arn, viaSecretsManager);
  const viaSecretsManager = requests.secretsManager(key.split(':')[3]);
  return {
    "another owner's password": read(named('lab/bob-MnOpQr')),
    'a secret whose name begins like the own': read(secret.replace(/-(\w{6})$/, '-archive-$1')),
    'a secret whose name is the own with the six characters behind it': read(`${secret}-UvWxYz`),
    'the secret of the same name in another Region': read(secret.replace(/:secretsmanager:[^:]+:/, `:secretsmanager:${OTHER_REGION}:`)),
    'the secret of the same name in another account': read(secret.replace(place.account, OTHER_ACCOUNT)),
    'a secret of another program': read(named('payroll/database-StUvWx')),
    // What they are to a desktop; a login node reads its own alone.
    ...(secret === place.secret && secret === hostKeys ? {} : { 'the host keys of the login nodes': read(hostKeys) }),
    'another value for the own secret': requests.secret('PutSecretValue', secret),
    'the own secret, deleted': requests.secret('DeleteSecret', secret),
    'the own secret, described': requests.secret('DescribeSecret', secret),
    'the own secret, open to another account': requests.secret('PutResourcePolicy', secret),
    'the list of secrets': requests.of('secretsmanager:ListSecrets', '*'),
    'decryption with the own key, not by way of a secret': requests.key('Decrypt', key),
    'decryption with the own key by way of S3': requests.key('Decrypt', key, `s3.${place.region}.amazonaws.com`),
    'decryption by way of secrets of another Region': requests.key('Decrypt', key, requests.secretsManager(OTHER_REGION)),
    'decryption by way of secrets with another key': viaSecrets(otherKey),
    // Keys of several Regions have one id.
    'decryption by way of secrets with the key of the same id in another Region': viaSecrets(
      key.replace(/:kms:[^:]+:/, `:kms:${OTHER_REGION}:`),
    ),
    'decryption by way of secrets with the key of the same id in another account': viaSecrets(key.replace(place.account, OTHER_ACCOUNT)),
    'encryption with the own key by way of secrets': requests.key('Encrypt', key, viaSecretsManager),
    'a grant for the own key': requests.key('CreateGrant', key, viaSecretsManager),
  };
}

function onStacks(requests: Requests, { ownStack, waitForStacks }: Place): Attempts {
  return {
    'a stack, created': requests.stack('CreateStack', 'mine'),
    'the own stack, updated': requests.stack('UpdateStack', ownStack),
    'the own stack, deleted': requests.stack('DeleteStack', ownStack),
    'the own stack, described': requests.stack('DescribeStacks', ownStack),
    'any stack, described': requests.stack('DescribeStacks', 'payroll'),
    'the template of any stack': requests.stack('GetTemplate', 'payroll'),
    'the list of stacks': requests.of('cloudformation:ListStacks', '*'),
    ...Object.assign(
      {},
      ...waitForStacks.map((name) => ({
        [`a stack whose name begins like ${name}, which is waited for`]: requests.stack('DescribeStacks', `${name}-secrets`),
        [`${name}, which is waited for, in another Region`]: requests.stack('DescribeStacks', name, OTHER_REGION),
        [`${name}, which is waited for, in another account`]: requests.stack('DescribeStacks', name, undefined, OTHER_ACCOUNT),
        [`the template of ${name}, which is waited for`]: requests.stack('GetTemplate', name),
      })),
    ),
  };
}

function onInstances(requests: Requests, { instance, clusterId }: Place): Attempts {
  const other = tagsOf(clusterId, 'bob');
  const on = (action: string) => requests.instance(`ec2:${action}`, OTHER_INSTANCE, other);
  const launchTemplate = requests.arn('ec2', 'launch-template/lt-0123456789abcdef0');
  return {
    'an instance, launched': ['instance/*', 'network-interface/*', 'subnet/subnet-0', 'security-group/sg-0', 'volume/*', 'image/ami-0'].map(
      (resource) =>
        requests.of(
          'ec2:RunInstances',
          requests.arn('ec2', resource.replace('*', '0'), undefined, resource.startsWith('image') ? '' : undefined),
        ),
    ),
    'another UserData for the own node': requests.instance('ec2:ModifyInstanceAttribute', instance, tagsOf(clusterId)),
    'another UserData for any node': on('ModifyInstanceAttribute'),
    'IMDSv1 for the own node': requests.instance('ec2:ModifyInstanceMetadataOptions', instance, tagsOf(clusterId)),
    "another owner's desktop, ended": on('TerminateInstances'),
    "another owner's desktop, stopped": on('StopInstances'),
    'the password of a Windows instance': on('GetPasswordData'),
    'the console of a node': on('GetConsoleOutput'),
    'an image of a node': on('CreateImage'),
    'another version of the launch template': requests.of('ec2:CreateLaunchTemplateVersion', launchTemplate),
    'a rule that lets everybody in': requests.of('ec2:AuthorizeSecurityGroupIngress', requests.arn('ec2', 'security-group/sg-0')),
    'the list of instances and their tags': requests.of('ec2:DescribeInstances', '*'),
    'an SSH key for a node': requests.instance('ec2-instance-connect:SendSSHPublicKey', OTHER_INSTANCE, other),
    'a log group, deleted': requests.of('logs:DeleteLogGroup', requests.arn('logs', 'log-group:cluster')),
  };
}

function onRoles(requests: Requests, { account, partition }: Place): Attempts {
  const role = `arn:${partition}:iam::${account}:role/administrator`;
  return {
    'a role, passed to EC2': requests.of('iam:PassRole', role, { 'iam:PassedToService': ['ec2.amazonaws.com'] }),
    'a role, passed to CloudFormation': requests.of('iam:PassRole', role, { 'iam:PassedToService': ['cloudformation.amazonaws.com'] }),
    'another role, assumed': requests.of('sts:AssumeRole', role),
    // With the name of a session of choice, which is what tells instances apart.
    'the own role, assumed under the id of another instance': requests.of('sts:AssumeRole', `arn:${partition}:iam::${account}:role/node`, {
      'sts:RoleSessionName': [OTHER_INSTANCE],
    }),
    'more for the own role': requests.of('iam:PutRolePolicy', `arn:${partition}:iam::${account}:role/node`),
    'an access key': requests.of('iam:CreateAccessKey', `arn:${partition}:iam::${account}:user/administrator`),
  };
}

function onSystemsManager(requests: Requests, { clusterId }: Place): Attempts {
  const other = tagsOf(clusterId, 'bob');
  const instance = (action: string, id = OTHER_INSTANCE) =>
    requests.instance(
      `ssm:${action}`,
      id,
      {},
      Object.fromEntries(Object.entries(other).map(([key, value]) => [`ssm:resourceTag/${key}`, [value]])),
    );
  const document = (name: string) => requests.arn('ssm', `document/${name}`);
  return {
    'a command of root on a node': [requests.of('ssm:SendCommand', document('AWS-RunShellScript')), instance('SendCommand')],
    "another owner's password by the document for it": [
      requests.of('ssm:SendCommand', document(`${clusterId}-desktop-connect`)),
      instance('SendCommand'),
    ],
    'a session on a node': instance('StartSession'),
    'a channel that carries a shell': requests.of('ssmmessages:OpenDataChannel', '*'),
    'a new channel that carries a shell': requests.of('ssmmessages:CreateDataChannel', '*'),
    'messages of the way that AWS has retired': requests.of('ec2messages:GetMessages', '*'),
    'what is known of a machine outside of AWS': requests.of(
      'ssm:UpdateInstanceInformation',
      requests.arn('ssm', 'managed-instance/mi-0123456789abcdef0'),
    ),
    'what is known of an instance in another Region': requests.of(
      'ssm:UpdateInstanceInformation',
      requests.arn('ec2', `instance/${OTHER_INSTANCE}`, OTHER_REGION),
    ),
    'what is known of an instance in another account': requests.of(
      'ssm:UpdateInstanceInformation',
      requests.arn('ec2', `instance/${OTHER_INSTANCE}`, undefined, OTHER_ACCOUNT),
    ),
    'a parameter': requests.of('ssm:GetParameter', requests.arn('ssm', 'parameter/payroll/password')),
    parameters: requests.of('ssm:GetParameters', requests.arn('ssm', 'parameter/payroll/password')),
    'parameters by their path': requests.of('ssm:GetParametersByPath', requests.arn('ssm', 'parameter/payroll')),
    'another value for a parameter': requests.of('ssm:PutParameter', requests.arn('ssm', 'parameter/payroll/password')),
    'the output of any command': requests.of('ssm:GetCommandInvocation', '*'),
    'the list of commands and their output': requests.of('ssm:ListCommandInvocations', '*'),
    'the list of managed instances': requests.of('ssm:DescribeInstanceInformation', '*'),
    'another text of the document': requests.of('ssm:UpdateDocument', document(`${clusterId}-desktop-connect`)),
  };
}

function onGroups(requests: Requests, { group = 'group', groupTags, clusterId, stackName }: Place): Attempts {
  const own = groupTags ?? { [NodeTags.CLUSTER_ID]: clusterId, [NodeTags.SIGNAL_STACK]: stackName };
  const complete = (name: string, tags: Tags, region?: string, account?: string) =>
    requests.group('CompleteLifecycleAction', name, tags, region, account);
  return {
    "the launch of another cluster's login node": complete('other', { ...own, [NodeTags.CLUSTER_ID]: 'other' }),
    "the launch of another stack's login node": complete('other', { ...own, [NodeTags.SIGNAL_STACK]: 'other' }),
    "the launch of another group's login node": complete('other', { ...own, [NodeTags.SIGNAL_RESOURCE]: 'Other' }),
    'the launch of a node of a group without tags': complete('payroll', {}),
    'the launch of a node in another Region': complete(group, own, OTHER_REGION),
    'the launch of a node in another account': complete(group, own, undefined, OTHER_ACCOUNT),
    'the size of the own group': requests.group('SetDesiredCapacity', group, own),
    'the own group, deleted': requests.group('DeleteAutoScalingGroup', group, own),
    'another launch template for the own group': requests.group('UpdateAutoScalingGroup', group, own),
  };
}
