import { Stack, Stage, Tags, Token } from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct, IConstruct } from 'constructs';
import { ConstructError } from '../construct-error';
import { MadeOnce } from '../made-once';
import { CONNECT_STEPS, type ConnectAction, connectDocumentName, PUBLIC_KEY_PATTERN } from '../values/connect-documents';
import { tagKey } from '../values/launch-time-values';

const DESCRIPTIONS: { readonly [action in ConnectAction]: string } = {
  connect: "Ask a desktop for its owner's password, encrypted to a public key",
  reset: 'Give the owner of a desktop a new password, and ask for it encrypted to a public key',
};

/**
 * The SSM documents through which desktops are asked for the passwords that they have made. They take nothing but a public key.
 *
 * @internal
 */
export function makeConnectDocuments(cluster: Construct, clusterId: string): void {
  // "Name" of CreateDocument, AWS Systems Manager API Reference.
  if (/^(aws|amazon|amzn)/i.test(clusterId)) {
    throw new ConstructError(
      'InvalidClusterId',
      `expected a clusterId that does not begin with aws, amazon or amzn, which SSM keeps for itself in the names of documents, got '${clusterId}'; take another, or give desktops another loginWith than LoginMethod.generatedPassword()`,
      cluster,
    );
  }
  refuseSecondCluster(cluster, clusterId);
  makeDocument(cluster, 'ConnectDocument', clusterId, 'connect');
  makeDocument(cluster, 'ResetPasswordDocument', clusterId, 'reset');
}

const owners = new MadeOnce<IConstruct, Construct>();

/** Stacks that leave account or Region open may be deployed to different ones. */
function refuseSecondCluster(cluster: Construct, clusterId: string): void {
  const stack = Stack.of(cluster);
  const isKnown = !Token.isUnresolved(stack.account) && !Token.isUnresolved(stack.region);
  const place = isKnown ? `${stack.account} ${stack.region}` : stack.node.path;
  const owner = owners.get(Stage.of(cluster) ?? cluster.node.root, `${clusterId} ${place}`, () => cluster);
  if (owner !== cluster) {
    throw new ConstructError(
      'DuplicateCluster',
      `expected one new Cluster with the id '${clusterId}' and desktops in an account and Region, where its SSM documents have their names but once, got another beside ${owner.node.path}; make one of them Cluster.fromClusterAttributes, or give it another clusterId`,
      cluster,
    );
  }
}

function makeDocument(cluster: Construct, id: string, clusterId: string, action: ConnectAction): void {
  const step = (name: string, platform: string, plugin: string, lines: string[]) => ({
    name,
    action: plugin,
    precondition: { StringEquals: ['platformType', platform] },
    inputs: { timeoutSeconds: '60', runCommand: lines },
  });
  const document = new ssm.CfnDocument(cluster, id, {
    name: connectDocumentName(clusterId, action),
    documentType: 'Command',
    documentFormat: 'JSON',
    targetType: '/AWS::EC2::Instance',
    // Its name stays, by which commands and policies know it.
    updateMethod: 'NewVersion',
    content: {
      schemaVersion: '2.2',
      description: DESCRIPTIONS[action],
      parameters: {
        PublicKey: {
          type: 'String',
          description: 'RSA public key of 3,072 bits with exponent 65537: SubjectPublicKeyInfo in base64',
          allowedPattern: PUBLIC_KEY_PATTERN,
        },
      },
      mainSteps: [
        step(CONNECT_STEPS.linux, 'Linux', 'aws:runShellScript', [
          `exec bash /opt/cluster-node/bootstrap/connect.sh ${action} '{{ PublicKey }}'`,
        ]),
        step(CONNECT_STEPS.windows, 'Windows', 'aws:runPowerShellScript', [
          // A script that is not there sets no exit code.
          "$ErrorActionPreference = 'Stop'",
          `& 'C:\\ProgramData\\ClusterNode\\bootstrap\\connect.ps1' -Action ${action} -PublicKey '{{ PublicKey }}'`,
          'exit $LASTEXITCODE',
        ]),
      ],
    },
  });
  Tags.of(document).add(tagKey('ClusterId'), clusterId);
}
