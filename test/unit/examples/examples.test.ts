import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

const ROOT = path.join(__dirname, '..', '..', '..');
const read = (...names: string[]) => fs.readFileSync(path.join(ROOT, ...names), 'utf8');
const examples = fs.readdirSync(path.join(ROOT, 'examples', 'typescript')).filter((name) => /(?<!\.d)\.ts$/.test(name));
const blocks = (language: string) =>
  [...read('README.md').matchAll(new RegExp('```' + language + '\n([^]*?)```', 'g'))].map((match) => match[1]);

test.each(examples)('%s can be synthesized', async (name) => {
  process.env.CDK_OUTDIR = fs.mkdtempSync(path.join(os.tmpdir(), 'example-'));
  try {
    await import(path.join(ROOT, 'examples', 'typescript', name));
    const template = fs.readFileSync(path.join(process.env.CDK_OUTDIR, 'Lab.template.json'), 'utf8');
    expect(template.match(/"AWS::EC2::LaunchTemplate"/g)).toHaveLength(1);
  } finally {
    fs.rmSync(process.env.CDK_OUTDIR, { recursive: true });
    delete process.env.CDK_OUTDIR;
  }
});

test('the README shows the examples as they are', () => {
  expect(blocks('ts').slice(0, 5).sort()).toEqual(examples.map((name) => read('examples', 'typescript', name)).sort());
  expect(blocks('python')).toEqual([read('examples', 'python', 'linux_desktop.py')]);
});

test('every example is there in every language, and every program of the README imports what it uses', () => {
  const names = (language: string, extension: RegExp) =>
    fs
      .readdirSync(path.join(ROOT, 'examples', language))
      .filter((name) => extension.test(name))
      .map((name) => name.replace(extension, '').replace(/[-_]/g, '').toLowerCase())
      .sort();
  const expected = names('typescript', /(?<!\.d)\.ts$/);
  expect(expected.length).toBeGreaterThan(3);
  expect(names('python', /\.py$/)).toEqual(expected);
  expect(names('java', /App\.java$/)).toEqual(expected);
  expect(names('go', /\.go$/)).toEqual(expected);
  expect(blocks('ts').filter((block) => !block.startsWith('import '))).toEqual([]);
});
