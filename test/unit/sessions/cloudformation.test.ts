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
    message:
      'desktop sessions need the package @aws-sdk/client-cloudformation, which is not installed; run: npm install @aws-sdk/client-cloudformation',
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
