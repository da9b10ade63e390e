import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { Aws, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { BootstrapTemplates, ClusterNode, NodeOs, NodeType, NodeUserData, VirtualDesktopNode } from '../../../lib';
import { FixedImage, sampleCluster } from '../../sample-cluster';
import { writeFiles } from '../../write-files';

function linuxNode(templates?: BootstrapTemplates): ClusterNode {
  const { stack, cluster } = sampleCluster();
  return new ClusterNode(stack, 'Node', { cluster, os: NodeOs.AMAZON_LINUX_2023, nodeType: NodeType.COMPUTE_NODE, templates });
}

function windowsNode(): ClusterNode {
  const { stack, cluster } = sampleCluster();
  return new VirtualDesktopNode(stack, 'Node', { cluster, os: NodeOs.WINDOWS_2022 });
}

const textOf = (node: ClusterNode) => NodeUserData.fromNode(node).userData;
const HERE_DOCUMENT = /\n {2}cat >"\$\{STATE\}\/added-commands" <<'(END_[0-9a-f]{16})'\n([^]*)\n\1\n\}\n/;
const storedIn = (node: ClusterNode) => HERE_DOCUMENT.exec(textOf(node))!;

describe('on Linux', () => {
  test('none leave no trace', () => {
    const node = linuxNode();
    node.userData.addCommands();
    expect(textOf(node)).not.toMatch(/store_added_commands|@@/);
    expect(textOf(node).trimEnd()).toMatch(/\nmain "\$@"$/);
  });

  test('they stand in a quoted here-document, as they are', () => {
    const commands = ['echo "$HOME" `id` \\', "cat <<'EOF'", '  $x', 'EOF', 'END_0123456789abcdef', '\tÄ ☃'];
    const node = linuxNode();
    node.userData.addCommands(...commands.slice(0, 2));
    node.userData.addCommands(...commands.slice(2));
    expect(storedIn(node)[2]).toBe(commands.join('\n'));
  });

  test('bash reads back what was added', () => {
    const text = `$(id)\n\\\n'"\x01\x7f\r\n  $'\\n' <<EOF\n\n`;
    const node = linuxNode();
    node.userData.addCommands(text);
    const script = `STATE=/dev; cat() { /bin/cat; }\n${HERE_DOCUMENT.exec(textOf(node))![0]
      .replace(/ >"\S+/, '')
      .replace(/\}\n$/, '')}`;
    expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' })).toMatchObject({ stdout: `${text}\n`, stderr: '' });
  });

  test('the end mark depends on the commands, and on nothing else', () => {
    const marks = [
      [`echo ${Aws.REGION} one`],
      [`echo ${new CfnParameter(new Stack(), 'Other').valueAsString} one`],
      ['echo two'],
      [''],
    ].map((commands) => {
      const node = linuxNode();
      node.userData.addCommands(...commands);
      return storedIn(node)[1];
    });
    expect(marks[0]).toBe(marks[1]);
    expect(new Set(marks).size).toBe(3);
  });

  test('downloads and files to execute are commands', () => {
    const node = linuxNode();
    const bucket = Bucket.fromBucketName(node, 'Bucket', 'bucket');
    const localFile = node.userData.addS3DownloadCommand({ bucket, bucketKey: 'tool.sh' });
    node.userData.addExecuteFileCommand({ filePath: localFile, arguments: '--quick' });
    expect(storedIn(node)[2]).toMatch(
      /^mkdir -p .*\naws s3 cp 's3:\/\/bucket\/tool\.sh' '\/tmp\/tool\.sh'.*\n[^]*'\/tmp\/tool\.sh' --quick$/,
    );
    expect(node.userDataBudget.parts.map((part) => part.name)).toEqual(
      expect.arrayContaining(["command 'download of tool.sh'", "command 'execution of /tmp/tool.sh'"]),
    );
  });

  test('a download is refused where the image has no AWS CLI, with what to write', () => {
    const { stack, cluster } = sampleCluster();
    for (const os of [NodeOs.UBUNTU_24_04, NodeOs.RHEL_9, NodeOs.ROCKY_8]) {
      const node = new ClusterNode(stack, os.name, { cluster, os, nodeType: NodeType.COMPUTE_NODE, machineImage: new FixedImage() });
      const bucket = Bucket.fromBucketName(node, 'Bucket', 'bucket');
      expect(() => node.userData.addS3DownloadCommand({ bucket, bucketKey: 'tool.sh' })).toThrow(
        new RegExp(`AWS CLI for addS3DownloadCommand \\(tool\\.sh\\), got ${os.name}; .*aws_api s3 .* \\(at Stack/${os.name}\\)$`),
      );
      expect(textOf(node)).not.toContain('store_added_commands');
    }
  });

  test.each<[string, (node: ClusterNode) => unknown]>([
    ['addOnExitCommands', (node) => node.userData.addOnExitCommands('true')],
    ['addSignalOnExitCommand', (node) => node.userData.addSignalOnExitCommand(node)],
  ])('%s is refused, and says where', (method, call) => {
    expect(() => call(linuxNode())).toThrow(new RegExp(`got ${method} .* \\(at Stack/Node\\)$`));
  });

  test('a stage 0 of a team that does not store them is refused', () => {
    const own = '#!/bin/bash\ncat <<E\n{{ context.get("/bootstrap/DeployTimeValues") | safe }}\nE\n';
    const node = linuxNode(BootstrapTemplates.fromDirectory(writeFiles({ 'user_data/linux/user_data.sh.j2': own })));
    node.userData.addCommands('true');
    expect(() => node.userData.render()).toThrow(
      /expected user_data\/linux\/user_data\.sh\.j2 to write \{\{ context\.get\("\/bootstrap\/AddedCommands"\) \| safe \}\} once, got 0 times \(at Stack\/Node\)$/,
    );
  });
});

describe('on Windows', () => {
  test('none leave no trace', () => {
    expect(textOf(windowsNode())).not.toContain('added-commands');
  });

  test('they travel in base64, which is shown decoded', () => {
    const node = windowsNode();
    node.userData.addCommands("Write-Output 'it''s' '@", `Write-Output ${Aws.REGION}`);
    expect(textOf(node)).toContain(`'base64(Write-Output 'it''s' '@\nWrite-Output \${AWS::Region})'`);
    expect(textOf(node)).toMatch(/<\/powershell>\n<persist>true<\/persist>\n$/);
    expect(JSON.stringify(Stack.of(node).resolve(node.userData.render()))).toContain('{"Fn::Base64":{"Fn::Join"');
  });

  test('text that is not ASCII, and markup, travel in base64 as they are', () => {
    const node = windowsNode();
    const bucket = Bucket.fromBucketName(node, 'Bucket', 'bucket');
    const commands = ["Write-Output 'Ä ☃ 𝒳'", "Write-Output '</powershell><persist>false</persist>'"];
    node.userData.addCommands(...commands);
    node.userData.addExecuteFileCommand({ filePath: node.userData.addS3DownloadCommand({ bucket, bucketKey: 'tö.ps1' }) });
    const encoded = (Stack.of(node).resolve(node.userData.render()) as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
    const outside = encoded.filter((part) => typeof part === 'string').join('');
    expect(outside).toMatch(/^[\t\n -~]*$/);
    expect(outside.match(/<\/?(powershell|persist)>/g)).toEqual(['<powershell>', '</powershell>', '<persist>', '</persist>']);
    expect(textOf(node)).toContain(`base64(${commands.join('\n')}\nmkdir (Split-Path`);
    expect(textOf(node)).toMatch(/Read-S3Object -BucketName 'bucket' -key 'tö\.ps1' [^]*&'C:\/temp\/tö\.ps1'/);
  });

  test.each([
    ['# Zürich', 'ü'],
    ["Write-Output '</powershell>'", '</powershell>'],
    ['# <persist>', '<persist>'],
  ])('a stage 0 of a team with what the agent would not read is refused: %s', (line, found) => {
    const name = 'user_data/windows/user_data.ps.j2';
    const own = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'assets', name), 'utf8');
    const folder = writeFiles({ [name]: own.replace('\n', `\n${line}\n`) });
    const { stack, cluster } = sampleCluster({ templates: BootstrapTemplates.fromDirectory(folder) });
    expect(() => new VirtualDesktopNode(stack, 'Node', { cluster, os: NodeOs.WINDOWS_2022 })).toThrow(
      new RegExp(`got "${found}" in line 2; .* \\(at Stack/Node\\)$`),
    );
  });

  test('the budget counts four thirds', () => {
    const node = windowsNode();
    node.userData.addCommands('true');
    const before = node.userDataBudget.bytes;
    node.userData.addCommands('x'.repeat(2999));
    expect(node.userDataBudget.bytes - before).toBe(4000);
    expect(node.userDataBudget.parts.find((part) => part.name.startsWith("command 'xxx"))!.bytes).toBe(4000);
  });
});

test('tokens of any kind arrive', () => {
  const node = linuxNode();
  node.userData.addCommands(`echo ${Fn.importValue('exported')}`);
  expect(storedIn(node)[2]).toBe('echo ${{"Fn::ImportValue":"exported"}}');
});
