import { Command } from 'commander';
import { BUILD_WAIT_TIMEOUT } from '../../lib/images/build-waiting';
import { type NodeImageBuild, NodeImageSource, type NodeImageStatus } from '../../lib/images/node-image-status';
import { NodeImages } from '../../lib/images/node-images';
import { columns, labelled } from './columns';
import { type CommandEnvironment, configured, durationOf, json, minutes, PROCESS, reporting } from './command-environment';
import { EXIT_TABLE } from './exit-status';

const WAIT_MINUTES = BUILD_WAIT_TIMEOUT.defaultSeconds / 60;

interface ImageOptions {
  readonly clusterId?: string;
  readonly region?: string;
  readonly json?: boolean;
}

interface WaitOptions extends ImageOptions {
  readonly timeoutMinutes?: number;
}

interface StartOptions extends WaitOptions {
  readonly wait?: boolean;
}

/** `cluster-nodes image`: the images of nodes, from the command line. */
export function imageCommand(environment: CommandEnvironment = PROCESS): Command {
  const image = configured(new Command('image'), environment)
    .description('list the images of nodes, look at their builds, start one and wait for it')
    .addHelpText(
      'after',
      `
An image is named by its pipeline of EC2 Image Builder, by name or ARN, or by the SSM parameter that has the id of the newest
image. AWS credentials are taken from the environment, as by the AWS CLI.
${EXIT_TABLE}`,
    );

  const subcommand = (name: string, description: string, examples: string): Command => {
    const command = configured(new Command(name), environment)
      .description(description)
      .option('--cluster-id <id>', 'only images of this cluster')
      .option('--region <region>', 'AWS Region (default: as for the AWS CLI)')
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExamples:\n${examples}`);
    image.addCommand(command);
    return command;
  };

  const images = ({ clusterId, region }: ImageOptions): NodeImages => {
    const made = new NodeImages({ clusterId, region });
    made._clock = environment.clock;
    return made;
  };

  const action = reporting(environment);
  const printBuild = (build: NodeImageBuild, options: ImageOptions): void =>
    environment.out(options.json ? json(build) : labelled(buildRows(build)));
  const tell = (build: NodeImageBuild): void => environment.err(`build ${build.version}: ${build.state}\n`);

  subcommand('list', 'list the images', `  $ cluster-nodes image list --cluster-id lab`).action(
    action(async (options: ImageOptions) => {
      const found = await images(options).list();
      environment.out(options.json ? json(found) : table(found));
    }),
  );

  subcommand(
    'status',
    'show an image, its newest build, and the end of the log of a build that failed',
    `  $ cluster-nodes image status lab-linux-desktop
  $ cluster-nodes image status /imagebuilder/lab/lab-linuximage-0851ccda --json`,
  )
    .argument('<image>', 'name or ARN of the pipeline, or name of the parameter')
    .action(
      action(async (name: string, options: ImageOptions) => {
        const found = await images(options).status(name);
        environment.out(options.json ? json(found) : details(found));
      }),
    );

  subcommand('start', 'start a build', `  $ cluster-nodes image start lab-linux-desktop --wait`)
    .argument('<image>', 'name or ARN of the pipeline, or name of the parameter')
    .option('--wait', 'wait until the build has ended')
    .option('--timeout-minutes <minutes>', `minutes to wait at most (default: ${WAIT_MINUTES})`, minutes)
    .action(
      action(async (name: string, options: StartOptions) => {
        const own = images(options);
        const started = await own.start(name);
        if (!options.wait) return printBuild(started, options);
        // Said before the waiting begins: whoever interrupts it needs the ARN.
        environment.err(`build ${started.version}: ${started.buildArn}\n`);
        printBuild(await own._wait(started.buildArn, waitTimeout(options), tell), options);
      }),
    );

  subcommand(
    'wait',
    'wait until the newest build of an image has ended',
    `  $ cluster-nodes image wait lab-linux-desktop
  $ cluster-nodes image wait arn:aws:imagebuilder:eu-west-1:111122223333:image/lab-linux-desktop/1.0.3/2 --region eu-west-1`,
  )
    .argument('<image>', 'name or ARN of the pipeline, name of the parameter, or ARN of a build')
    .option('--timeout-minutes <minutes>', `minutes to wait at most (default: ${WAIT_MINUTES})`, minutes)
    .action(
      action(async (name: string, options: WaitOptions) => {
        printBuild(await images(options)._wait(name, waitTimeout(options), tell), options);
      }),
    );

  return image;
}

function waitTimeout({ timeoutMinutes }: WaitOptions): { timeout?: ReturnType<typeof durationOf> } {
  return timeoutMinutes === undefined ? {} : { timeout: durationOf(timeoutMinutes) };
}

type Row = readonly [string, string | undefined];

function details(image: NodeImageStatus): string {
  const { newestBuild } = image;
  const rows: Row[] = [
    ['Image', image.pipelineName],
    ['Cluster', image.clusterId],
    ['Node type', image.nodeType],
    ['System', image.baseOs],
    ['Parameter', image.parameterName],
    ['AMI in use', `${image.amiId ?? 'none'} (${origin(image)})`],
    ['Next run', image.enabled ? image.nextRunAt : 'the schedule is switched off'],
    ['Pipeline', image.pipelineArn],
    ...(newestBuild === undefined ? ([['Build', 'none was started yet']] as const) : buildRows(newestBuild)),
  ];
  const log = (newestBuild?.logEnd ?? []).map((line) => `  ${line}\n`).join('');
  return labelled(rows) + log;
}

function buildRows(build: NodeImageBuild): Row[] {
  return [
    ['Build', build.version],
    ['State', build.state],
    ['Reason', build.reason],
    ['AMI', build.amiId],
    ['Started', build.startedAt],
    ['Build ARN', build.buildArn],
    ['Log', build.logStream],
  ];
}

/** In words: where the image comes from that new nodes start from. */
function origin({ amiSource, amiVersion }: NodeImageStatus): string {
  switch (amiSource) {
    case NodeImageSource.BUILD:
      return `build ${amiVersion}`;
    case NodeImageSource.BASE_IMAGE:
      return 'the base image: no build has ended yet';
    case NodeImageSource.OTHER:
      return 'of no build that there is';
    default:
      return 'there is no such parameter';
  }
}

function table(images: readonly NodeImageStatus[]): string {
  if (images.length === 0) return 'no images\n';
  return columns([
    ['IMAGE', 'CLUSTER', 'NODE TYPE', 'SYSTEM', 'AMI IN USE', 'FROM', 'BUILD', 'STATE', 'STARTED', 'REASON'],
    ...images.map((image) => [
      image.pipelineName,
      image.clusterId ?? '-',
      image.nodeType ?? '-',
      image.baseOs ?? '-',
      image.amiId ?? '-',
      image.amiVersion ?? image.amiSource ?? '-',
      image.newestBuild?.version ?? '-',
      image.newestBuild?.state ?? '-',
      image.newestBuild?.startedAt.replace(/\.\d+Z$/, 'Z') ?? '-',
      image.newestBuild?.reason ?? '',
    ]),
  ]);
}
