import * as fs from 'fs';
import * as path from 'path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

const ROOT = path.join(__dirname, '..', '..', '..');
const examples = fs.readdirSync(path.join(ROOT, 'examples')).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
const source = (name: string) => fs.readFileSync(path.join(ROOT, 'examples', name), 'utf8');

test.each(examples)('%s can be synthesized', async (name) => {
  const { stack } = (await import(path.join(ROOT, 'examples', name))) as { stack: Stack };
  expect(Object.keys(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate'))).toHaveLength(1);
});

test('the first four programs of the README are the examples', () => {
  const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```ts\n([^]*?)```/g)].map((match) => match[1].trim()).slice(0, 4);
  const unknown = blocks.filter((block) => !examples.some((name) => block.split('\n').every((line) => source(name).includes(line))));
  expect(unknown).toEqual([]);
});
