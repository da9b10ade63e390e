// One temporary folder for a run of the tests, gone when it ends: CDK makes one for each App and leaves it behind.
const fs = require('fs');
const os = require('os');
const path = require('path');

module.exports = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cluster-nodes-tests-'));
  process.env.TMPDIR = folder;
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
};
