import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  GetImageCommand,
  ListImagePipelineImagesCommand,
  ListImagePipelinesCommand,
  StartImagePipelineExecutionCommand,
} from '@aws-sdk/client-imagebuilder';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { Duration } from 'aws-cdk-lib';
import { NodeImages } from '../../../lib';
import { FakeClock } from '../sessions/fake-clock';
import { textLike } from '../sessions/matchers';
import { awsError } from '../sessions/stack-events';
import { build, buildArn, failedBuild, PARAMETER, pipeline, PIPELINE_ARN, REASON, withAmi } from './image-builds';
import { builder, listed, logs, resetServices, ssm } from './image-services';

let images: NodeImages;
let clock: FakeClock;

const parameter = (value: string) => ssm.on(GetParameterCommand, { Name: PARAMETER }).resolves({ Parameter: { Value: value } });
const throttled = () => awsError('CallRateLimitExceededException', 'slow down', 429);

beforeEach(() => {
  resetServices();
  parameter('ami-0base');
  clock = new FakeClock();
  images = new NodeImages({ region: 'eu-west-1' });
  images._clock = clock;
});

describe('status', () => {
  test('before the first build the parameter has the base image', async () => {
    expect(await images.status('Lab-Image')).toEqual({
      pipelineName: 'Lab-Image',
      pipelineArn: PIPELINE_ARN,
      enabled: true,
      clusterId: 'lab',
      nodeType: 'dcv_node',
      baseOs: 'ubuntu2404',
      parameterName: PARAMETER,
      amiId: 'ami-0base',
      amiSource: 'base-image',
      nextRunAt: '2026-02-01T03:00:00.000Z',
    });
  });

  test.each([PIPELINE_ARN, PARAMETER])('an image is found by %s', async (name) => {
    expect((await images.status(name)).pipelineName).toBe('Lab-Image');
  });

  test('a build that has ended well, in use', async () => {
    parameter('ami-0one');
    listed(build('1.0.0/1', 'AVAILABLE', withAmi('ami-0one')));
    expect(await images.status('Lab-Image')).toMatchObject({
      amiSource: 'build',
      amiVersion: '1.0.0/1',
      newestBuild: {
        buildArn: buildArn('1.0.0/1'),
        version: '1.0.0/1',
        state: 'available',
        imageBuilderStatus: 'AVAILABLE',
        amiId: 'ami-0one',
        startedAt: '2026-01-31T09:30:00.000Z',
      },
    });
  });

  test('the newest build is that which was asked for last, wherever it is listed', async () => {
    listed(
      build('1.0.0/2', 'FAILED', { dateCreated: '2026-01-29T09:30:00.000Z' }),
      build('1.0.10/1', 'BUILDING'),
      build('2.0.0/1', 'AVAILABLE', { dateCreated: '2026-01-30T09:30:00.000Z' }),
    );
    expect((await images.status('Lab-Image')).newestBuild?.version).toBe('1.0.10/1');
  });

  test('of two of one moment it is the higher version, by its numbers', async () => {
    listed(build('1.0.9/1', 'AVAILABLE'), build('1.0.10/2', 'BUILDING'), build('1.0.10/1', 'AVAILABLE'));
    expect((await images.status('Lab-Image')).newestBuild?.version).toBe('1.0.10/2');
  });

  test('all pages are read, empty ones among them', async () => {
    builder
      .on(ListImagePipelinesCommand)
      .resolves({ imagePipelineList: [], nextToken: 'p2' })
      .on(ListImagePipelinesCommand, { nextToken: 'p2' })
      .resolves({ imagePipelineList: [pipeline()] })
      .on(ListImagePipelineImagesCommand)
      .resolves({ imageSummaryList: [build('1.0.0/1', 'AVAILABLE')], nextToken: 'b2' })
      .on(ListImagePipelineImagesCommand, { nextToken: 'b2' })
      .resolves({ imageSummaryList: [build('1.0.0/2', 'TESTING')] });
    expect((await images.status('Lab-Image')).newestBuild?.version).toBe('1.0.0/2');
  });

  test('an answer without a list is no empty list', async () => {
    builder.on(ListImagePipelineImagesCommand).resolves({});
    await expect(images.status('Lab-Image')).rejects.toThrow('Image Builder gave an empty answer, or a proxy gave one in its place');
  });

  test('somebody has put an image of no build into the parameter', async () => {
    parameter('ami-0other');
    listed(build('1.0.0/1', 'AVAILABLE', withAmi('ami-0one')));
    const status = await images.status('Lab-Image');
    expect(status).toMatchObject({ amiId: 'ami-0other', amiSource: 'other' });
    expect(status).not.toHaveProperty('amiVersion');
  });

  test('an image that was retired since can still be in use', async () => {
    parameter('ami-0one');
    listed(build('1.0.0/1', 'DEPRECATED', withAmi('ami-0one')));
    expect(await images.status('Lab-Image')).toMatchObject({ amiSource: 'build', newestBuild: { state: 'retired' } });
  });

  test('there is no parameter', async () => {
    ssm.on(GetParameterCommand).rejects(awsError('ParameterNotFound', ''));
    const status = await images.status('Lab-Image');
    expect([status.amiId, status.amiSource]).toEqual([undefined, undefined]);
  });

  test('the image of a build is that of its own Region and account', async () => {
    const amis = [
      { region: 'us-east-1', image: 'ami-0far', accountId: '111122223333' },
      { region: 'eu-west-1', image: 'ami-0shared', accountId: '444455556666' },
      { region: 'eu-west-1', image: 'ami-0own', accountId: '111122223333' },
    ];
    listed(build('1.0.0/1', 'AVAILABLE', { outputResources: { amis } }));
    expect((await images.status('Lab-Image')).newestBuild?.amiId).toBe('ami-0own');
    listed(build('1.0.0/1', 'AVAILABLE', withAmi('ami-0far', 'us-east-1')));
    expect((await images.status('Lab-Image')).newestBuild).not.toHaveProperty('amiId');
  });

  test('a pipeline whose schedule is switched off has no next run', async () => {
    builder.on(ListImagePipelinesCommand).resolves({ imagePipelineList: [pipeline({ status: 'DISABLED' })] });
    const status = await images.status('Lab-Image');
    expect([status.enabled, status.nextRunAt]).toEqual([false, undefined]);
  });

  test.each([
    ['PENDING', 'pending'],
    ['CREATING', 'building'],
    ['BUILDING', 'building'],
    ['TESTING', 'testing'],
    ['DISTRIBUTING', 'distributing'],
    ['INTEGRATING', 'distributing'],
    ['AVAILABLE', 'available'],
    ['CANCELLED', 'cancelled'],
    ['DEPRECATED', 'retired'],
    ['DELETED', 'retired'],
    ['DISABLED', 'retired'],
    ['SOMETHING_NEW', 'building'],
  ])('Image Builder says %s', async (status, state) => {
    listed(build('1.0.0/1', status));
    expect((await images.status('Lab-Image')).newestBuild).toMatchObject({ state, imageBuilderStatus: status });
  });

  test('a build that failed, with its reason and the end of its log', async () => {
    listed(build('1.0.0/1', 'FAILED'));
    builder.on(GetImageCommand, { imageBuildVersionArn: buildArn('1.0.0/1') }).resolves({ image: failedBuild('1.0.0/1') });
    logs
      .on(GetLogEventsCommand, { logGroupName: '/aws/imagebuilder/Lab-Recipe', logStreamName: '1.0.0/1' })
      .resolves({ events: [{ message: 'first\nsecond' }, { message: 'no package \u001b[31mfoo\u001b[0m\r\n' }] });
    expect((await images.status('Lab-Image')).newestBuild).toMatchObject({
      state: 'failed',
      reason: REASON,
      logStream: '/aws/imagebuilder/Lab-Recipe 1.0.0/1',
      logEnd: ['first', 'second', 'no package [31mfoo [0m'],
    });
  });

  test.each([
    ['Lab-Imag', /^there is no image Lab-Imag in eu-west-1; there are Lab-Image$/, 'ImageNotFound'],
    [`${PIPELINE_ARN}2`, /^there is no image arn:\S+2 in eu-west-1; there are Lab-Image$/, 'ImageNotFound'],
    [
      PIPELINE_ARN.replace('eu-west-1', 'us-east-1'),
      /^arn:\S+ is in us-east-1, and the Region that is asked is eu-west-1; set region \(--region\)$/,
      'InvalidRequest',
    ],
    ['', /^the image cannot be looked up: image must be the name or the ARN of a pipeline, or .*, but got ""$/, 'InvalidRequest'],
    ['${Token[TOKEN.1]}', /image must be/, 'InvalidRequest'],
    ['arn:aws:ec2:eu-west-1::image/ami-0one', /image must be/, 'InvalidRequest'],
    [buildArn('1.0.0/1'), /image must be/, 'InvalidRequest'],
  ])('%s is no image', async (name, text, code) => {
    await expect(images.status(name)).rejects.toMatchObject({ name: 'ImageError', code, message: textLike(text) });
  });

  test('errors of AWS are passed on', async () => {
    const error = awsError('AccessDeniedException', 'not authorized', 403);
    ssm.on(GetParameterCommand).rejects(error);
    await expect(images.status('Lab-Image')).rejects.toBe(error);
  });
});

describe('list', () => {
  const others = [
    pipeline({ name: 'Foreign', tags: {} }),
    pipeline({ name: 'Untagged', tags: undefined }),
    pipeline({
      name: 'A-Image',
      arn: `${PIPELINE_ARN}-a`,
      tags: { 'cluster-node:ClusterId': 'blue', 'cluster-node:ImageParameter': '/a' },
    }),
  ];

  beforeEach(() => {
    builder.on(ListImagePipelinesCommand).resolves({ imagePipelineList: [pipeline(), ...others] });
    ssm.on(GetParameterCommand, { Name: '/a' }).resolves({ Parameter: { Value: 'ami-0a' } });
  });

  test('has those of this library, by name', async () => {
    expect((await images.list()).map(({ pipelineName }) => pipelineName)).toEqual(['A-Image', 'Lab-Image']);
  });

  test('has those of a cluster, and others cannot be named', async () => {
    const ofCluster = new NodeImages({ region: 'eu-west-1', clusterId: 'blue' });
    expect((await ofCluster.list()).map(({ pipelineName }) => pipelineName)).toEqual(['A-Image']);
    await expect(ofCluster.status('Lab-Image')).rejects.toThrow(
      'there is no image Lab-Image in the cluster blue in eu-west-1; there are A-Image',
    );
  });

  test('reads no log', async () => {
    listed(build('1.0.0/1', 'FAILED', { state: { status: 'FAILED', reason: REASON } }));
    expect((await images.list())[0].newestBuild).toMatchObject({ state: 'failed', reason: REASON });
    expect([builder.commandCalls(GetImageCommand), logs.calls()]).toEqual([[], []]);
  });

  test('properties are checked before anything is sent', () => {
    expect(() => new NodeImages({ region: 'Ireland', clusterId: 'a_b' })).toThrow(
      /^images cannot be reached: region must .*; clusterId must/,
    );
  });
});

describe('start', () => {
  const start = () => builder.on(StartImagePipelineExecutionCommand);
  const starts = () => builder.commandCalls(StartImagePipelineExecutionCommand).map(({ args }) => args[0].input);

  test('starts a build', async () => {
    start().resolves({ imageBuildVersionArn: buildArn('1.0.0/1') });
    expect(await images.start('Lab-Image')).toEqual({
      buildArn: buildArn('1.0.0/1'),
      version: '1.0.0/1',
      state: 'pending',
      imageBuilderStatus: 'PENDING',
      startedAt: '2026-01-31T09:30:00.000Z',
    });
    expect(starts()).toEqual([{ imagePipelineArn: PIPELINE_ARN, clientToken: textLike(/^[0-9a-f-]{36}$/) }]);
  });

  test('starts one of a pipeline that is switched off, and whose last build failed', async () => {
    builder.on(ListImagePipelinesCommand).resolves({ imagePipelineList: [pipeline({ status: 'DISABLED' })] });
    listed(build('1.0.0/1', 'FAILED'));
    start().resolves({ imageBuildVersionArn: buildArn('1.0.0/2') });
    expect((await images.start('Lab-Image')).version).toBe('1.0.0/2');
  });

  test('the build is known here before Image Builder lists it, for a minute', async () => {
    listed(build('1.0.0/1', 'AVAILABLE', { dateCreated: '2026-01-30T09:30:00.000Z' }));
    start().resolves({ imageBuildVersionArn: buildArn('1.0.0/2') });
    await images.start('Lab-Image');
    const newest = async () => (await images.status('Lab-Image')).newestBuild;
    expect(await newest()).toMatchObject({ version: '1.0.0/2', state: 'pending' });
    await expect(images.start('Lab-Image')).rejects.toMatchObject({ code: 'BuildRunning' });
    listed(build('1.0.0/1', 'AVAILABLE'), build('1.0.0/2', 'BUILDING'));
    expect(await newest()).toMatchObject({ version: '1.0.0/2', state: 'building' });
    listed(build('1.0.0/2', 'FAILED'));
    await expect(images.start('Lab-Image')).resolves.toMatchObject({ state: 'pending' });
    listed(build('1.0.0/1', 'AVAILABLE'));
    await clock.sleep(60_000);
    expect(await newest()).toMatchObject({ version: '1.0.0/1' });
  });

  test.each(['PENDING', 'BUILDING', 'TESTING', 'INTEGRATING'])('starts none while another is %s', async (status) => {
    listed(build('1.0.1/1', status, { dateCreated: '2026-01-30T09:30:00.000Z' }), build('1.0.1/2', 'CANCELLED'));
    await expect(images.start('Lab-Image')).rejects.toMatchObject({
      code: 'BuildRunning',
      message: textLike(/^the build 1\.0\.1\/1 of Lab-Image runs since 2026-01-30T09:30:00.000Z: it is \w+; wait for it .*/),
    });
    expect(starts()).toEqual([]);
  });

  test('without an answer it says that a build may have been started', async () => {
    start().rejects(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    await expect(images.start('Lab-Image')).rejects.toMatchObject({
      code: 'RequestUncertain',
      message:
        'Image Builder did not answer, so a build of Lab-Image may or may not have been started: socket hang up; look for it (image status) before starting again',
    });
  });

  test.each([throttled(), awsError('ResourceInUseException', 'in use')])('errors of AWS are passed on: %#', async (error) => {
    start().rejects(error);
    await expect(images.start('Lab-Image')).rejects.toBe(error);
  });
});

describe('wait', () => {
  const ARN = buildArn('1.0.0/1');
  const states: string[] = [];
  const seen = (status: string, more = {}) => ({ image: build('1.0.0/1', status, more) });
  const notFound = () => awsError('ResourceNotFoundException', 'not found', 404);
  const wait = (timeout?: Duration) => images._wait(ARN, { timeout }, ({ state }) => states.push(state));

  beforeEach(() => {
    states.length = 0;
  });

  test('sees a build to its end, and tells of each state once', async () => {
    builder
      .on(GetImageCommand, { imageBuildVersionArn: ARN })
      .resolvesOnce(seen('PENDING'))
      .resolvesOnce(seen('BUILDING'))
      .resolvesOnce(seen('BUILDING'))
      .resolvesOnce(seen('TESTING'))
      .resolvesOnce(seen('DISTRIBUTING'))
      .resolvesOnce(seen('INTEGRATING'))
      .resolves(seen('AVAILABLE', withAmi('ami-0one')));
    expect(await wait()).toMatchObject({ state: 'available', amiId: 'ami-0one' });
    expect(states).toEqual(['pending', 'building', 'testing', 'distributing', 'available']);
  });

  test('of an image means its newest build', async () => {
    listed(build('1.0.0/1', 'BUILDING'), build('0.9.0/1', 'AVAILABLE', { dateCreated: '2026-01-30T09:30:00.000Z' }));
    builder.on(GetImageCommand, { imageBuildVersionArn: ARN }).resolves(seen('AVAILABLE'));
    expect(await images.wait(PARAMETER)).toMatchObject({ version: '1.0.0/1', state: 'available' });
  });

  test('of an image whose build was started here means that build, also when it is not known yet', async () => {
    listed(build('0.9.0/1', 'AVAILABLE', { dateCreated: '2026-01-30T09:30:00.000Z' }));
    builder.on(StartImagePipelineExecutionCommand).resolves({ imageBuildVersionArn: ARN });
    builder.on(GetImageCommand, { imageBuildVersionArn: ARN }).rejectsOnce(notFound()).resolves(seen('AVAILABLE'));
    await images.start('Lab-Image');
    expect(await images.wait('Lab-Image')).toMatchObject({ version: '1.0.0/1' });
  });

  test('of an image without builds is an error', async () => {
    await expect(images.wait('Lab-Image')).rejects.toMatchObject({
      code: 'BuildNotFound',
      message: 'no build of Lab-Image was started yet; start one (image start)',
    });
  });

  test('throttling and interruptions do not end it', async () => {
    builder
      .on(GetImageCommand)
      .rejectsOnce(throttled())
      .rejectsOnce(awsError('ServiceException', 'internal', 500))
      .rejectsOnce(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))
      .resolves(seen('AVAILABLE'));
    expect(await wait()).toMatchObject({ state: 'available' });
    expect(clock.sleeps.map((sleep) => sleep > 5000)).toEqual([true, true, true]);
  });

  test('a build that nobody knows after a minute is none', async () => {
    builder.on(GetImageCommand).rejects(notFound());
    await expect(wait()).rejects.toMatchObject({
      code: 'BuildNotFound',
      message: textLike(/^there is no build arn:\S+\/1\.0\.0\/1; check/),
    });
    const waited = clock.sleeps.reduce((sum, sleep) => sum + sleep, 0);
    expect([waited >= 60_000, waited < 120_000]).toEqual([true, true]);
  });

  test('a build that fails, with reason and the end of the log below it', async () => {
    builder
      .on(GetImageCommand)
      .resolvesOnce(seen('BUILDING'))
      .resolves({ image: failedBuild('1.0.0/1') });
    logs.on(GetLogEventsCommand).resolves({ events: [{ message: 'installing' }, { message: 'no package foo' }] });
    await expect(wait()).rejects.toMatchObject({
      code: 'BuildFailed',
      message: `the build 1.0.0/1 failed: ${REASON}\nthe end of its log, /aws/imagebuilder/Lab-Recipe 1.0.0/1:\ninstalling\nno package foo`,
    });
    expect(states).toEqual(['building', 'failed']);
  });

  test('a build that fails without a word', async () => {
    builder.on(GetImageCommand).resolves({ image: failedBuild('1.0.0/1', { state: { status: 'FAILED' } }) });
    logs.on(GetLogEventsCommand).rejects(notFound());
    await expect(wait()).rejects.toThrow(/^the build 1.0.0\/1 failed, and Image Builder gives no reason\n.*:\nthere is no log: /);
  });

  test('a build that is cancelled', async () => {
    builder.on(GetImageCommand).resolvesOnce(seen('BUILDING')).resolves(seen('CANCELLED'));
    await expect(wait()).rejects.toMatchObject({ code: 'BuildCancelled', message: 'the build 1.0.0/1 was cancelled' });
  });

  test('ends with the time, and says what it saw', async () => {
    builder.on(GetImageCommand).resolves(seen('DISTRIBUTING'));
    await expect(wait(Duration.minutes(10))).rejects.toMatchObject({
      code: 'WaitTimeout',
      message:
        'the build 1.0.0/1 has not ended after 600 seconds: it is still distributing (DISTRIBUTING); it goes on without being waited for',
    });
    builder.on(GetImageCommand).rejects(throttled());
    await expect(wait()).rejects.toThrow(
      /after 14400 seconds: its state could not be read; the last look failed: CallRateLimitExceededException: slow down; it goes on/,
    );
  });

  test.each([
    [ARN.replace('eu-west-1', 'us-east-1'), {}, /is in us-east-1, and the Region that is asked is eu-west-1/],
    [ARN, { timeout: Duration.hours(25) }, /timeout must be whole seconds from 1 second to 24 hours/],
    ['a b\n', {}, /image must be/],
  ])('wrong arguments are refused before anything is sent: %#', async (image, options, text) => {
    await expect(images.wait(image, options)).rejects.toMatchObject({ code: 'InvalidRequest', message: textLike(text) });
    expect(builder.calls()).toHaveLength(0);
  });

  test('an error that is none of these ends it', async () => {
    const error = awsError('ForbiddenException', 'not yours', 403);
    builder.on(GetImageCommand).rejects(error);
    await expect(wait()).rejects.toBe(error);
  });
});
