import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Cluster, NodeOs, NodeTags, VirtualDesktopNode } from '../../lib';
import { DeployedTemplate, type Template } from '../boot-lab/app/intrinsics';
import type { AuthorizationRequest } from '../boot-lab/services/iam';
import { OTHER_ACCOUNT, OTHER_INSTANCE, OTHER_REGION } from './attacks';
import { ACCOUNT, statementsOf } from './node-roles';
import { type Place, Requests, type Tags, tagsOf } from './place';
import { type Attack, prove, Subject, Summary } from './proof';

const REGION = 'eu-central-1';
const OWN_STACK = 'lab-desktop-0a1b2c3d4e5f6';
const PLACE: Place = {
  region: REGION,
  partition: 'aws',
  account: ACCOUNT,
  clusterId: 'lab',
  stackName: 'connect',
  ownStack: OWN_STACK,
  signalsWithRole: false,
  instance: 'i-0123456789abcdef0',
  bucket: 'bucket',
  bundle: 'bundle',
  waitForStacks: [],
};

/** Of somebody who asks a desktop for its password: alice. */
class ConnectRequests extends Requests {
  protected override caller(): AuthorizationRequest['conditions'] {
    return {
      'aws:userid': ['AROA0CONNECT:alice'],
      'aws:PrincipalArn': [`arn:aws:iam::${ACCOUNT}:role/alice`],
      'aws:PrincipalTag/owner': ['alice'],
    };
  }

  /** SendCommand is asked about the document and about each instance. */
  public send(document: string, id = PLACE.instance, tags: Tags = tagsOf('lab', 'alice'), where: Where = {}): AuthorizationRequest[] {
    const { documentRegion, documentAccount, region, account } = where;
    const given = Object.entries(tags).map(([key, value]) => [`ssm:resourceTag/${key}`, [value]] as const);
    return [
      this.of('ssm:SendCommand', this.arn('ssm', `document/${document}`, documentRegion, documentAccount)),
      {
        ...this.instance('ssm:SendCommand', id, tags, Object.fromEntries(given)),
        resource: this.arn('ec2', `instance/${id}`, region, account),
      },
    ];
  }

  /** DescribeStacks of a session, which has the tags of its desktop. */
  public session(action: string, name: string, tags: Tags, region?: string, account?: string): AuthorizationRequest {
    const request = this.stack(action, name, region, account);
    const given = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, [value]] as const);
    return { ...request, conditions: { ...request.conditions, ...Object.fromEntries(given) } };
  }
}

interface Where {
  readonly documentRegion?: string;
  readonly documentAccount?: string;
  readonly region?: string;
  readonly account?: string;
}

const requests = new ConnectRequests(PLACE);
const CONNECT = 'lab-desktop-connect';
const OWN = tagsOf('lab', 'alice');
const NO_OWNER = { [NodeTags.CLUSTER_ID]: 'lab', [NodeTags.NODE_TYPE]: 'login_node' };
const MANAGED = requests.of(
  'ssm:SendCommand',
  requests.arn('ssm', 'managed-instance/mi-0123456789abcdef0'),
  requests.send(CONNECT)[1].conditions,
);

const CALLS: readonly AuthorizationRequest[] = [
  ...requests.send(CONNECT),
  requests.of('ssm:GetCommandInvocation', '*'),
  requests.session('DescribeStacks', OWN_STACK, OWN),
];

const ATTACKS: Readonly<Record<string, AuthorizationRequest | AuthorizationRequest[]>> = {
  "another owner's desktop": requests.send(CONNECT, OTHER_INSTANCE, tagsOf('lab', 'bob')),
  'a desktop of an owner whose name begins like the own': requests.send(CONNECT, OTHER_INSTANCE, tagsOf('lab', 'alice2')),
  'a desktop of an owner of the same name in other letters': requests.send(CONNECT, OTHER_INSTANCE, tagsOf('lab', 'Alice')),
  'a desktop of another cluster': requests.send(CONNECT, OTHER_INSTANCE, tagsOf('other', 'alice')),
  'an instance without tags': requests.send(CONNECT, OTHER_INSTANCE, {}),
  'a node without an owner': requests.send(CONNECT, OTHER_INSTANCE, NO_OWNER),
  'a machine outside of AWS': [requests.send(CONNECT)[0], MANAGED],
  'the own desktop in another Region': requests.send(CONNECT, undefined, undefined, { region: OTHER_REGION }),
  'the own desktop in another account': requests.send(CONNECT, undefined, undefined, { account: OTHER_ACCOUNT }),
  'another password for the own desktop': requests.send('lab-desktop-reset-password'),
  'the document of another cluster': requests.send('other-desktop-connect'),
  'a document whose name begins like it': requests.send('lab-desktop-connect-all'),
  'a document of the same name that another account shares': requests.send(CONNECT, undefined, undefined, {
    documentAccount: OTHER_ACCOUNT,
  }),
  'a document of the same name in another Region': requests.send(CONNECT, undefined, undefined, { documentRegion: OTHER_REGION }),
  'a command of root on the own desktop': requests.send('AWS-RunShellScript'),
  'a command of SYSTEM on the own desktop': requests.send('AWS-RunPowerShellScript'),
  'a remote script on the own desktop': requests.send('AWS-RunRemoteScript'),
  'a session on the own desktop': { ...requests.send(CONNECT)[1], action: 'ssm:StartSession' },
  'the list of commands and their output': requests.of('ssm:ListCommandInvocations', '*'),
  'the list of commands': requests.of('ssm:ListCommands', '*'),
  'another text of the document': requests.of('ssm:UpdateDocument', requests.arn('ssm', `document/${CONNECT}`)),
  'the document, shared': requests.of('ssm:ModifyDocumentPermission', requests.arn('ssm', `document/${CONNECT}`)),
  'a parameter': requests.of('ssm:GetParameter', requests.arn('ssm', 'parameter/payroll/password')),
  "the own owner's tag for another instance": requests.tag(OTHER_INSTANCE, tagsOf('lab', 'bob'), [NodeTags.SESSION_OWNER]),
  'another UserData for the own desktop': requests.instance('ec2:ModifyInstanceAttribute', PLACE.instance, OWN),
  "another owner's session": requests.session('DescribeStacks', 'lab-desktop-6f5e4d3c2b1a0', tagsOf('lab', 'bob')),
  "another cluster's session": requests.session('DescribeStacks', 'other-desktop-6f5e4d3c2b1a0', tagsOf('other', 'alice')),
  'a stack with the tags of a session, and another name': requests.session('DescribeStacks', 'payroll', OWN),
  'a stack with the name of a session of the cluster, and the tags of another': requests.session(
    'DescribeStacks',
    'lab-desktop-6f5e4d3c2b1a0',
    tagsOf('other', 'alice'),
  ),
  'a stack with the name of a session, and no tags': requests.session('DescribeStacks', 'lab-desktop-6f5e4d3c2b1a0', {}),
  'the own session in another Region': requests.session('DescribeStacks', OWN_STACK, OWN, OTHER_REGION),
  'the own session in another account': requests.session('DescribeStacks', OWN_STACK, OWN, undefined, OTHER_ACCOUNT),
  'the own session, updated': requests.session('UpdateStack', OWN_STACK, OWN),
  'the own session, deleted': requests.session('DeleteStack', OWN_STACK, OWN),
};

const OWNERS: Readonly<Record<string, string>> = {
  'whoever may connect as alice': 'alice',
  'whoever has the owner in a tag': '${aws:PrincipalTag/owner}',
};

/** The permissions of a grantee for each owner, as synthesized. */
function grantees(): readonly Subject[] {
  const outdir = mkdtempSync(path.join(tmpdir(), 'iam-'));
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
  const stack = new Stack(app, PLACE.stackName, { env: { account: ACCOUNT, region: REGION } });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-0123456789abcdef0'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
  });
  const cluster = new Cluster(stack, 'Cluster', { clusterId: 'lab', vpc });
  const desktop = new VirtualDesktopNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023 });
  const roles = Object.entries(OWNERS).map(([name, owner], index) => {
    const role = new iam.Role(stack, `Grantee${index}`, { assumedBy: new iam.AccountRootPrincipal() });
    desktop.grantConnect(role, owner);
    return { name, role };
  });
  app.synth();
  const text = readFileSync(path.join(outdir, `${stack.stackName}.template.json`), 'utf8');
  const deployment = { ...PLACE, urlSuffix: 'amazonaws.com', parameters: {} };
  const template = new DeployedTemplate(JSON.parse(text) as Template, deployment);
  rmSync(outdir, { recursive: true });
  const attacks: Attack[] = Object.entries(ATTACKS).map(([name, made]) => ({ name, requests: Array.isArray(made) ? made : [made] }));
  return roles.map(({ name, role }) => ({ name, statements: statementsOf(template, role), calls: CALLS, attacks }));
}

prove('who may connect', grantees(), new Summary());
