import { BuildLogApi } from '../../../lib/images/build-log';
import { NodeImages } from '../../../lib/images';

function missing(name: string): () => never {
  return () => {
    throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
  };
}
jest.mock('@aws-sdk/client-imagebuilder', () => missing('@aws-sdk/client-imagebuilder')());
jest.mock('@aws-sdk/client-cloudwatch-logs', () => missing('@aws-sdk/client-cloudwatch-logs')());

test('without the optional SDK images say how to install it', async () => {
  await expect(new NodeImages({ region: 'eu-west-1' }).list()).rejects.toMatchObject({
    code: 'SdkMissing',
    message: `builds of images need the npm package @aws-sdk/client-imagebuilder, which is neither installed with this library nor in ${process.cwd()}; run there, where the program runs: npm install @aws-sdk/client-imagebuilder`,
  });
});

test('without that for logs, the place of the log says so', async () => {
  expect(await new BuildLogApi('eu-west-1').end({ group: 'g', stream: 's' })).toEqual([
    expect.stringMatching(/^the log cannot be read: logs of builds need the npm package @aws-sdk\/client-cloudwatch-logs/) as string,
  ]);
});
