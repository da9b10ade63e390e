// CDK validates each synthesized template, which takes longer than most tests. The tests about whole templates and about
// the app turn it on again, see withTemplateValidation in sample-cluster.ts.
process.env.CDK_VALIDATION = 'false';
