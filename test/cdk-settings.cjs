// What the CDK does beside the templates, which takes longer than most tests.
// It validates each template. test/whole turns it on again.
process.env.CDK_VALIDATION = 'false';
// It keeps of each resource where it was made: Jest looks up each line of each of these stacks in source maps.
process.env.CDK_CONTEXT_JSON = JSON.stringify({ 'aws:cdk:disable-creation-stack-traces': true });
