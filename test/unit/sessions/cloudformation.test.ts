import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { DesktopSessions } from '../../../lib/sessions';
import { titled } from './stack-events';

const sessions = (): DesktopSessions => new DesktopSessions({ clusterId: 'demo', region: 'eu-west-1' });

function sdkThatThrows(error: Error): void {
  jest.doMock('@aws-sdk/client-cloudformation', () => {
    throw error;
  });
}

const moduleNotFound = (message: string): Error => Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND' });

afterEach(() => {
  jest.dontMock('@aws-sdk/client-cloudformation');
  jest.resetModules();
});

test('without the optional SDK sessions say how to install it', async () => {
  sdkThatThrows(moduleNotFound("Cannot find module '@aws-sdk/client-cloudformation'\nRequire stack:\n- x.js"));
  await expect(sessions().list()).rejects.toMatchObject({
    code: 'SdkMissing',
    message: `desktop sessions need the npm package @aws-sdk/client-cloudformation, which is neither installed with this library nor in ${process.cwd()}; run there, where the program runs: npm install @aws-sdk/client-cloudformation`,
  });
});

describe('in a folder that nobody can install into, as jsii makes it for other languages', () => {
  const root = path.join(__dirname, '..', '..', '..');
  const script = `
    const Module = require('module');
    const load = Module._load;
    Module._load = function (request, parent, ...rest) {
      if (request.startsWith('@aws-sdk/') && parent.filename.startsWith(process.env.ROOT)) {
        throw Object.assign(new Error("Cannot find module '" + request + "'"), { code: 'MODULE_NOT_FOUND' });
      }
      return load.call(this, request, parent, ...rest);
    };
    require(process.env.ROOT + '/scripts/register-typescript.cjs');
    const { DesktopSessions } = require(process.env.ROOT + '/lib/sessions');
    new DesktopSessions({ clusterId: 'demo', region: 'eu-west-1' }).list().then(
      (found) => console.log(JSON.stringify(found)),
      (error) => console.log(error.code + ': ' + error.message),
    );`;
  const run = (cwd: string): string =>
    execFileSync(process.execPath, ['-e', script], { cwd, encoding: 'utf8', env: { ...process.env, ROOT: root } }).trim();

  let folder: string;
  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'program-')));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  test('the SDK is found where the program runs', () => {
    const sdk = path.join(folder, 'node_modules', '@aws-sdk', 'client-cloudformation');
    fs.mkdirSync(sdk, { recursive: true });
    const fake = 'class Client { send() { return Promise.resolve({ Stacks: [] }); } }';
    fs.writeFileSync(
      path.join(sdk, 'index.js'),
      `${fake}\nmodule.exports = { CloudFormationClient: Client, DescribeStacksCommand: class {} };`,
    );
    expect(run(folder)).toBe('[]');
    fs.mkdirSync(path.join(folder, 'below'));
    expect(run(path.join(folder, 'below'))).toBe('[]');
  });

  test('or the message says that it has to be there', () => {
    expect(run(folder)).toMatch(
      /^SdkMissing: .*nor in (\/\S+); run there, where the program runs: npm install @aws-sdk\/client-cloudformation$/,
    );
    expect(run(folder)).toContain(`nor in ${folder};`);
  });
});

test.each(titled(moduleNotFound("Cannot find module '@smithy/core'"), new SyntaxError('Unexpected token')))(
  'an SDK that is there and broken is not called missing: %s',
  async (_, error) => {
    sdkThatThrows(error);
    await expect(sessions().list()).rejects.toBe(error);
  },
);

test('the library is loaded without the SDK', () => {
  sdkThatThrows(new Error('the SDK was loaded'));
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loading is what is tested
    const library = require('../../../lib/sessions') as typeof import('../../../lib/sessions');
    expect(new library.DesktopSessionTemplate().body).toContain('AWS::EC2::Instance');
    new library.DesktopSessions({ clusterId: 'demo' });
  });
});
