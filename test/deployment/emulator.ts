import { type ChildProcessWithoutNullStreams, spawn } from 'child_process';
import { once } from 'events';
import * as path from 'path';
import { createInterface } from 'readline';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';

/** moto's server, and calls of boto3 to it. */
export class Emulator {
  public static async start(): Promise<Emulator> {
    const python = process.env.MOTO_PYTHON;
    if (python === undefined) {
      throw new Error("expected MOTO_PYTHON, a Python with moto: pip install 'moto[server]==5.2.5', as .ci/run does");
    }
    const server = spawn(python, [path.join(__dirname, 'emulator.py')], { env: credentials() });
    const emulator = new Emulator(server);
    emulator.url = await emulator.line();
    return emulator;
  }

  private url = '';
  private readonly lines: AsyncIterator<string>;
  private stderr = '';

  private constructor(private readonly server: ChildProcessWithoutNullStreams) {
    this.lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    server.stderr.on('data', (data: Buffer) => {
      this.stderr = `${this.stderr}${data.toString()}`.slice(-20_000);
    });
  }

  /** What a command needs to talk to the server, and to nothing of the machine. */
  public environment(home: string): NodeJS.ProcessEnv {
    return {
      ...credentials(),
      PATH: process.env.PATH,
      HOME: home,
      TMPDIR: home,
      AWS_ENDPOINT_URL: this.url,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20',
      NO_PROXY: '127.0.0.1',
      NO_COLOR: '1',
      CI: 'true',
    };
  }

  /** Calls boto3: `call('ec2', 'describe_vpcs', {})`. Bodies of objects come as base64. */
  public async call<T>(service: string, operation: string, parameters: object = {}): Promise<T> {
    this.server.stdin.write(`${JSON.stringify({ service, operation, parameters })}\n`);
    const { answer, error } = JSON.parse(await this.line()) as { answer: T; error?: string };
    if (error !== undefined) throw new Error(`${service} ${operation}: ${error}`);
    return answer;
  }

  /** What the server has written about its work lately. */
  public log(): string {
    return this.stderr;
  }

  public async stop(): Promise<void> {
    this.server.stdin.end();
    if (this.server.exitCode === null) await once(this.server, 'exit');
  }

  private async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`moto's server has ended:\n${this.stderr}`);
    return value;
  }
}

function credentials(): NodeJS.ProcessEnv {
  return {
    AWS_ACCESS_KEY_ID: 'made-up',
    AWS_SECRET_ACCESS_KEY: 'made-up',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}
