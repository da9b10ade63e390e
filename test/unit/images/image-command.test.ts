import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetImageCommand, ListImagePipelinesCommand, StartImagePipelineExecutionCommand } from '@aws-sdk/client-imagebuilder';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { failureOf } from '../../../bin/commands/aws-error';
import { imageCommand } from '../../../bin/commands/image';
import { OperationError } from '../../../lib/aws/operation-error';
import { examplesOf, runCommandLine } from '../run-command-line';
import { awsError } from '../sessions/stack-events';
import { build, buildArn, failedBuild, PARAMETER, pipeline, PIPELINE_ARN, REASON, withAmi } from './image-builds';
import { builder, listed, logs, resetServices, ssm } from './image-services';

const REGION = ['--region', 'eu-west-1'];
const run = (...args: string[]) => runCommandLine(imageCommand, args);

beforeEach(() => {
  resetServices();
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'ami-0one' } });
});

describe('status', () => {
  const HEAD = [
    'Image:        Lab-Image',
    'Cluster:      lab',
    'Node type:    dcv_node',
    'System:       ubuntu2404',
    `Parameter:    ${PARAMETER}`,
  ];

  test('before the first build', async () => {
    expect(await run('status', 'Lab-Image', ...REGION)).toEqual({
      status: 0,
      err: '',
      out: [
        ...HEAD,
        'AMI in use:   ami-0one (the base image: no build has ended yet)',
        'Next run:     2026-02-01T03:00:00.000Z',
        `Pipeline:     ${PIPELINE_ARN}`,
        'Build:        none was started yet',
        '',
      ].join('\n'),
    });
  });

  test('with a build in use, and one that failed since with the end of its log: the question was answered', async () => {
    listed(build('1.0.0/1', 'AVAILABLE', { ...withAmi('ami-0one'), dateCreated: '2026-01-30T09:30:00.000Z' }), build('1.0.0/2', 'FAILED'));
    builder.on(GetImageCommand).resolves({ image: failedBuild('1.0.0/2') });
    logs.on(GetLogEventsCommand).resolves({ events: [{ message: 'installing' }, { message: 'no package \u001b[31mfoo' }] });
    builder.on(ListImagePipelinesCommand).resolves({ imagePipelineList: [pipeline({ status: 'DISABLED' })] });
    expect(await run('status', PARAMETER, ...REGION)).toEqual({
      status: 0,
      err: '',
      out: [
        ...HEAD,
        'AMI in use:   ami-0one (build 1.0.0/1)',
        'Next run:     the schedule is switched off',
        `Pipeline:     ${PIPELINE_ARN}`,
        'Build:        1.0.0/2',
        'State:        failed',
        `Reason:       ${REASON}`,
        'Started:      2026-01-31T09:30:00.000Z',
        `Build ARN:    ${buildArn('1.0.0/2')}`,
        'Log:          /aws/imagebuilder/Lab-Recipe 1.0.0/2',
        '  installing',
        '  no package [31mfoo',
        '',
      ].join('\n'),
    });
  });

  test('with an image of no build, and without a parameter', async () => {
    listed(build('1.0.0/1', 'AVAILABLE'));
    expect((await run('status', 'Lab-Image', ...REGION)).out).toContain('AMI in use:   ami-0one (of no build that there is)\n');
    ssm.on(GetParameterCommand).rejects(awsError('ParameterNotFound', ''));
    expect((await run('status', 'Lab-Image', ...REGION)).out).toContain('AMI in use:   none (there is no such parameter)\n');
  });

  test('JSON', async () => {
    listed(build('1.0.0/1', 'TESTING'));
    const { out } = await run('status', 'Lab-Image', ...REGION, '--json');
    expect(JSON.parse(out)).toMatchObject({ pipelineName: 'Lab-Image', amiId: 'ami-0one', newestBuild: { state: 'testing' } });
  });

  test('of an unknown image', async () => {
    expect(await run('status', 'Lab', ...REGION)).toEqual({
      status: 3,
      out: '',
      err: 'cluster-nodes: there is no image Lab in eu-west-1; there are Lab-Image\n',
    });
  });
});

describe('list', () => {
  test('a table', async () => {
    const other = pipeline({
      name: 'A',
      arn: `${PIPELINE_ARN}-a`,
      tags: { 'cluster-node:ClusterId': 'blue', 'cluster-node:ImageParameter': '/a' },
    });
    builder.on(ListImagePipelinesCommand).resolves({ imagePipelineList: [pipeline(), other] });
    listed(build('1.0.0/1', 'FAILED', { state: { status: 'FAILED', reason: 'no\npackage' } }));
    expect(await run('list', ...REGION)).toEqual({
      status: 0,
      err: '',
      out: [
        'IMAGE      CLUSTER  NODE TYPE  SYSTEM      AMI IN USE  FROM        BUILD    STATE   STARTED               REASON',
        'A          blue     -          -           ami-0one    base-image  1.0.0/1  failed  2026-01-31T09:30:00Z  no package',
        'Lab-Image  lab      dcv_node   ubuntu2404  ami-0one    base-image  1.0.0/1  failed  2026-01-31T09:30:00Z  no package',
        '',
      ].join('\n'),
    });
    expect(JSON.parse((await run('list', ...REGION, '--cluster-id', 'blue', '--json')).out)).toMatchObject([{ pipelineName: 'A' }]);
  });

  test('nothing to list', async () => {
    builder.on(ListImagePipelinesCommand).resolves({ imagePipelineList: [] });
    expect(await run('list', ...REGION)).toEqual({ status: 0, out: 'no images\n', err: '' });
    expect(await run('list', ...REGION, '--json')).toEqual({ status: 0, out: '[]\n', err: '' });
  });

  test('a missing permission is a failure', async () => {
    builder.on(ListImagePipelinesCommand).rejects(awsError('AccessDeniedException', 'not authorized', 403));
    expect(await run('list', ...REGION)).toEqual({
      status: 5,
      out: '',
      err: 'cluster-nodes: AccessDeniedException: not authorized\n',
    });
  });
});

describe('start', () => {
  beforeEach(() => {
    builder.on(StartImagePipelineExecutionCommand).resolves({ imageBuildVersionArn: buildArn('1.0.0/1') });
  });

  test('prints the build', async () => {
    expect(await run('start', 'Lab-Image', ...REGION)).toEqual({
      status: 0,
      err: '',
      out: `Build:        1.0.0/1\nState:        pending\nStarted:      2026-01-31T09:30:00.000Z\nBuild ARN:    ${buildArn('1.0.0/1')}\n`,
    });
  });

  test('says which build runs already', async () => {
    listed(build('1.0.0/1', 'BUILDING'));
    const { err, status } = await run('start', 'Lab-Image', ...REGION);
    expect(err).toMatch(/^cluster-nodes: the build 1\.0\.0\/1 of Lab-Image runs since .*\n$/);
    expect(status).toBe(1);
  });

  test('with --wait says on stderr what happens and then prints the build', async () => {
    builder
      .on(GetImageCommand)
      .resolvesOnce({ image: build('1.0.0/1', 'BUILDING') })
      .resolves({ image: build('1.0.0/1', 'AVAILABLE', withAmi('ami-0two')) });
    const { out, err, status } = await run('start', 'Lab-Image', ...REGION, '--wait', '--json');
    expect(JSON.parse(out)).toMatchObject({ state: 'available', amiId: 'ami-0two' });
    expect([err, status]).toEqual([`build 1.0.0/1: ${buildArn('1.0.0/1')}\nbuild 1.0.0/1: building\nbuild 1.0.0/1: available\n`, 0]);
  });
});

describe('wait', () => {
  test('a build that fails is a failure, with the end of its log', async () => {
    builder.on(GetImageCommand).resolves({ image: failedBuild('1.0.0/1') });
    logs.on(GetLogEventsCommand).resolves({ events: [{ message: 'no package \u001b[31mfoo' }] });
    expect(await run('wait', buildArn('1.0.0/1'), ...REGION)).toEqual({
      status: 1,
      out: '',
      err: [
        'build 1.0.0/1: failed',
        `cluster-nodes: the build 1.0.0/1 failed: ${REASON}`,
        '  the end of its log, /aws/imagebuilder/Lab-Recipe 1.0.0/1:',
        '  no package [31mfoo',
        '',
      ].join('\n'),
    });
  });

  test('ends with the time it was given', async () => {
    listed(build('1.0.0/1', 'BUILDING'));
    builder.on(GetImageCommand).resolves({ image: build('1.0.0/1', 'BUILDING') });
    const { err, status } = await run('wait', 'Lab-Image', ...REGION, '--timeout-minutes', '2');
    expect(err).toMatch(/^build 1\.0\.0\/1: building\ncluster-nodes: the build 1\.0\.0\/1 has not ended after 120 seconds: .*\n$/);
    expect(status).toBe(4);
  });

  test('a build that there is not', async () => {
    builder.on(GetImageCommand).rejects(awsError('ResourceNotFoundException', 'not found', 404));
    expect((await run('wait', buildArn('1.0.0/1'), ...REGION)).status).toBe(3);
    expect((await run('wait', 'Lab-Image', ...REGION)).status).toBe(3);
  });
});

test('details that others have written reach the terminal on a line each', () => {
  const error = new OperationError('BuildFailed', 'it failed', undefined, { details: ['a\u001b[2J\nb', 'c'] });
  expect(failureOf(error)).toEqual({ text: 'it failed\n  a [2J b\n  c', status: 1 });
});

describe('wrong usage ends with status 2, one line on stderr and no call', () => {
  test.each([
    [['status', ...REGION], /missing required argument 'image'/],
    [['status', PIPELINE_ARN, '--region', 'us-east-1'], /set region \(--region\)/],
    [['status', 'a', 'b', ...REGION], /too many arguments/],
    [['list', '--region', 'Ireland'], /region must be/],
    [['list', ...REGION, '--cluster-id', 'a_b'], /clusterId must be/],
    [['start', 'a$b', ...REGION], /image must be/],
    [['wait', 'a', ...REGION, '--timeout-minutes', '1h'], /whole number of minutes/],
    [['wait', 'a', ...REGION, '--timeout-minutes', '9999'], /timeout must be/],
    [['build', 'a'], /unknown command 'build'/],
  ])('%p', async (args, text) => {
    const { out, err, status } = await run(...args);
    expect(err).toMatch(text);
    expect(err).toMatch(/^cluster-nodes: [^\n]*\n$/);
    expect([status, out]).toEqual([2, '']);
    expect(builder.calls()).toHaveLength(0);
  });
});

describe('help', () => {
  test('of image names the subcommands and the exit status', async () => {
    const { out, err, status } = await run('--help');
    for (const text of ['list', 'status', 'start', 'wait', 'Exit status:', '3    there is no such session, image or build']) {
      expect(out).toContain(text);
    }
    expect([status, err]).toEqual([0, '']);
  });

  test.each(['list', 'status', 'start', 'wait'])('of %s has an example that can be run', async (name) => {
    process.env.AWS_REGION = 'eu-west-1';
    builder.reset();
    builder.onAnyCommand().rejects(new Error('reached AWS'));
    const examples = await examplesOf(run, 'image', name);
    delete process.env.AWS_REGION;
    expect(examples.length).toBeGreaterThan(0);
    for (const [example, result] of examples) {
      expect([example, result]).toEqual([example, { out: '', err: 'cluster-nodes: reached AWS\n', status: 1 }]);
    }
  });
});
