// Writes the templates that .ci/run checks for Regions of three partitions: of everything that the constructs can be told, and of sessions.
import * as fs from 'fs';
import * as path from 'path';
import { App, Duration } from 'aws-cdk-lib';
import { NodeOsFamily } from '../lib';
import { DesktopSessionTemplate } from '../lib/sessions';
import { FullFeatures } from './full-features';

const [outdir] = process.argv.slice(2);
const app = new App({ outdir });
new FullFeatures(app, 'FullFeatures');
app.synth();
const sessions = {
  any: {},
  linux: { osFamily: NodeOsFamily.LINUX, readinessTimeout: Duration.hours(2) },
  windows: { osFamily: NodeOsFamily.WINDOWS },
};
for (const [name, props] of Object.entries(sessions)) {
  fs.writeFileSync(path.join(outdir, `session-${name}.template.json`), new DesktopSessionTemplate(props).body);
}
