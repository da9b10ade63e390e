// Instance metadata (strict IMDSv2) and the AWS endpoints that a node talks to, each request written down.
//   node fake-aws.mjs FOLDER
// FOLDER holds control.json (read for every request), key.pem and cert.pem, objects/BUCKET/KEY, and gets log.jsonl.
// Signatures are checked against @smithy/signature-v4, an implementation that is not ours.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';

const folder = process.argv[2];
const METADATA_ADDRESS = '169.254.169.254';
const ENDPOINT_ADDRESS = '127.0.0.2';
const CREDENTIALS = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'secret+key/of=the-role', Token: 'session/token+of=the-role==' };

const tokens = new Set();
const timesApplied = new Map();

const control = () => JSON.parse(fs.readFileSync(path.join(folder, 'control.json'), 'utf8'));
const log = (entry) => fs.appendFileSync(path.join(folder, 'log.jsonl'), JSON.stringify({ time: Date.now(), ...entry }) + '\n');

class Sha256 {
  constructor(secret) {
    this.hash = secret === undefined ? crypto.createHash('sha256') : crypto.createHmac('sha256', secret);
  }
  update(data) {
    this.hash.update(typeof data === 'string' ? data : Buffer.from(data));
  }
  async digest() {
    return this.hash.digest();
  }
}

// A fault is { on: 'ec2.CreateTags', times?: n, status?, body?, act?: 'drop' | 'hang' | 'truncate' | 'drip' }.
function fault(operation) {
  for (const rule of control().faults ?? []) {
    if (!new RegExp(`^(${rule.on})$`).test(operation)) continue;
    const key = JSON.stringify(rule);
    const times = timesApplied.get(key) ?? 0;
    if (rule.times !== undefined && times >= rule.times) continue;
    timesApplied.set(key, times + 1);
    return rule;
  }
  return undefined;
}

function answer(response, operation, status, body, headers = {}) {
  const rule = fault(operation);
  const content = Buffer.from(rule?.body ?? body);
  const code = rule?.status ?? status;
  if (rule?.act === 'hang') return code;
  if (rule?.act === 'drop') {
    response.socket.destroy();
    return 0;
  }
  response.writeHead(code, { 'content-length': content.length, date: new Date(now()).toUTCString(), ...headers });
  if (rule?.act === 'truncate') {
    response.write(content.subarray(0, content.length / 2), () => response.socket.destroy());
  } else if (rule?.act === 'drip') {
    let sent = 0;
    const timer = setInterval(() => response.write(content.subarray(sent, ++sent)), 200);
    response.on('close', () => clearInterval(timer));
  } else {
    response.end(content);
  }
  return code;
}

// The clock of AWS, which the clock of the node may differ from.
const now = () => Date.now() + (control().clockOffsetMs ?? 0);

function metadata(request, response) {
  const reply = (operation, status, body) => {
    const code = answer(response, operation, status, body);
    log({ operation, path: request.url, status: code, forwarded: request.headers.via ?? request.headers['x-forwarded-for'] ?? null });
  };
  if (request.url === '/latest/api/token') {
    if (request.method !== 'PUT' || !(Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']) >= 1))
      return reply('imds.token', 400, '');
    const token = crypto.randomBytes(40).toString('base64');
    tokens.add(token);
    return reply('imds.token', 200, token);
  }
  for (const token of control().expireTokens ? tokens : []) {
    if (timesApplied.get('expired') === undefined) tokens.delete(token);
  }
  if (control().expireTokens) timesApplied.set('expired', 1);
  if (!tokens.has(request.headers['x-aws-ec2-metadata-token'])) return reply('imds.get', 401, 'Unauthorized');
  const { instanceId, tags, role } = { instanceId: 'i-0123456789abcdef0', tags: {}, role: 'node-role', ...control() };
  const items = {
    'instance-id': instanceId,
    'services/domain': control().domain ?? 'amazonaws.com',
    ...(role === null
      ? {}
      : {
          'iam/security-credentials/': role,
          [`iam/security-credentials/${role}`]: JSON.stringify({ Code: 'Success', ...CREDENTIALS }),
        }),
  };
  for (const [key, value] of Object.entries(tags)) if (value !== null) items[`tags/instance/${key}`] = value;
  const item = decodeURIComponent(request.url.replace('/latest/meta-data/', ''));
  return item in items ? reply('imds.get', 200, items[item]) : reply('imds.get', 404, '<html>404 - Not Found</html>');
}

async function signatureProblem(request, host, service, region, body) {
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    request.headers.authorization ?? '',
  );
  if (!match) return 'MissingAuthenticationToken';
  const [, credential, signedHeaders, signature] = match;
  const moment = request.headers['x-amz-date'] ?? '';
  if (credential !== `${CREDENTIALS.AccessKeyId}/${moment.slice(0, 8)}/${region}/${service}/aws4_request`) return 'InvalidClientTokenId';
  if (request.headers['x-amz-security-token'] !== CREDENTIALS.Token) return 'InvalidToken';
  const names = signedHeaders.split(';');
  for (const name of ['host', ...Object.keys(request.headers).filter((header) => header.startsWith('x-amz-'))]) {
    if (!names.includes(name)) return `NotSigned ${name}`;
  }
  if (request.headers['x-amz-content-sha256'] !== crypto.createHash('sha256').update(body).digest('hex'))
    return 'XAmzContentSHA256Mismatch';
  const signingDate = new Date(moment.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const signer = new SignatureV4({
    service,
    region,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    credentials: { accessKeyId: CREDENTIALS.AccessKeyId, secretAccessKey: CREDENTIALS.SecretAccessKey, sessionToken: CREDENTIALS.Token },
  });
  const expected = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: host,
      path: request.url,
      query: {},
      headers: Object.fromEntries(names.map((name) => [name, request.headers[name]])),
      body,
    },
    { signingDate },
  );
  if (!expected.headers.authorization.endsWith(`Signature=${signature}`)) return 'SignatureDoesNotMatch';
  return Math.abs(signingDate.getTime() - now()) > 300_000 ? 'RequestTimeTooSkewed' : undefined;
}

const error = (service, code) =>
  service === 's3' || service === 'ec2' || service === 'cloudformation'
    ? `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code} message</Message></Error>`
    : JSON.stringify({ __type: code, message: `${code} message` });

async function endpoint(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const host = request.headers.host;
  const [service, region] = host.split('.');
  const target = request.headers['x-amz-target'];
  const form = Object.fromEntries(new URLSearchParams(body.toString()));
  const args = target ? JSON.parse(body.toString()) : form;
  const operation = `${service}.${service === 's3' || service === 'downloads' ? request.method : (target?.split('.')[1] ?? form.Action)}`;
  const reply = (status, text) => {
    const code = answer(response, operation, status, text);
    log({ operation, host, path: request.url, status: code, args, headers: request.headers });
  };
  if (service === 'downloads') {
    const file = path.join(folder, 'objects', request.url);
    return fs.existsSync(file) ? reply(200, fs.readFileSync(file)) : reply(404, 'no such file');
  }
  const problem = await signatureProblem(request, host, service, region, body);
  if (problem !== undefined) return reply(403, error(service, problem));
  if (service === 's3') {
    const file = path.join(folder, 'objects', decodeURIComponent(request.url));
    return fs.existsSync(file) ? reply(200, fs.readFileSync(file)) : reply(404, error('s3', 'NoSuchKey'));
  }
  if (operation === 'secretsmanager.GetSecretValue') {
    const secret = control().secrets?.[args.SecretId];
    return secret === undefined
      ? reply(400, error(service, 'ResourceNotFoundException'))
      : reply(200, JSON.stringify({ SecretString: secret }));
  }
  if (operation === 'ec2.CreateTags' || operation === 'cloudformation.SignalResource') return reply(200, `<${form.Action}Response/>`);
  if (operation === 'cloudformation.DescribeStacks') return reply(200, '<StackStatus>CREATE_COMPLETE</StackStatus>');
  return reply(400, error(service, 'InvalidAction'));
}

const listen = (server, port, address) => new Promise((resolve) => server.listen(port, address, resolve));
const certificate = { key: fs.readFileSync(path.join(folder, 'key.pem')), cert: fs.readFileSync(path.join(folder, 'cert.pem')) };
await listen(http.createServer(metadata), 80, METADATA_ADDRESS);
await listen(
  https.createServer(
    certificate,
    (request, response) => void endpoint(request, response).catch((problem) => log({ operation: 'fault', problem: String(problem) })),
  ),
  443,
  ENDPOINT_ADDRESS,
);
// A proxy that only tunnels, to see who goes through it.
const proxy = http.createServer((request, response) => {
  log({ operation: 'proxy', target: request.url });
  response.writeHead(502).end();
});
proxy.on('connect', (request, socket, head) => {
  log({ operation: 'proxy', target: request.url });
  import('node:net').then(({ connect }) => {
    const upstream = connect(443, ENDPOINT_ADDRESS, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
});
await listen(proxy, 3128, ENDPOINT_ADDRESS);
process.stdout.write('ready\n');
