// CDK validates each synthesized template, which takes longer than most tests. test/whole turns it on again.
process.env.CDK_VALIDATION = 'false';
