import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { demoStack, FLAGS } from '../../demo-stack';
import { snapshotOf } from '../../sample-cluster';

test('the template of the app, with the recommended feature flags', () => {
  expect(snapshotOf(Template.fromStack(demoStack(new App({ context: FLAGS }))))).toMatchSnapshot();
});
