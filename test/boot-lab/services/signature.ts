import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { Credentials } from './world';

export interface SignedRequest {
  readonly method: string;
  readonly host: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Verdict =
  | { readonly valid: true; readonly service: string; readonly region: string }
  | {
      readonly valid: false;
      readonly problem: 'unsigned' | 'unknown access key' | 'wrong token' | 'skewed' | 'wrong signature' | 'incomplete';
      readonly detail: string;
    };

/**
 * Verifies a Signature Version 4 by signing the request once more with the signer of the AWS SDK for JavaScript, which
 * shares no code with the client that runs on a node.
 */
export async function verifySignature(request: SignedRequest, credentials: Credentials, now: Date): Promise<Verdict> {
  const invalid = (problem: Extract<Verdict, { valid: false }>['problem'], detail: string): Verdict => ({ valid: false, problem, detail });
  const authorization = request.headers.authorization;
  if (authorization === undefined) return invalid('unsigned', 'no Authorization header');
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (parts === null)
    return invalid('incomplete', `Authorization header of another form: ${authorization.replace(/Signature=.*/, 'Signature=...')}`);
  const [, accessKeyId, day, region, service, signedHeaderNames, signature] = parts as unknown as string[];
  if (accessKeyId !== credentials.accessKeyId) return invalid('unknown access key', accessKeyId);
  const stamp = request.headers['x-amz-date'];
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp ?? '');
  if (stamp === undefined || time === null || !stamp.startsWith(day))
    return invalid('incomplete', `x-amz-date is ${stamp ?? 'missing'}, credential scope says ${day}`);
  const signingDate = new Date(Date.UTC(+time[1], +time[2] - 1, +time[3], +time[4], +time[5], +time[6]));
  const allowedSkewMinutes = service === 's3' ? 15 : 5;
  if (Math.abs(now.getTime() - signingDate.getTime()) > allowedSkewMinutes * 60_000)
    return invalid(
      'skewed',
      signingDate < now
        ? `Signature expired: ${stamp} is now earlier than ${now.toISOString()} - ${allowedSkewMinutes} min.`
        : `Signature not yet current: ${stamp} is still later than ${now.toISOString()} + ${allowedSkewMinutes} min.`,
    );
  const names = signedHeaderNames.split(';');
  for (const required of [
    'host',
    'x-amz-date',
    'x-amz-security-token',
    ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-')),
  ])
    if (!names.includes(required)) return invalid('incomplete', `header ${required} is not signed`);
  if (request.headers['x-amz-security-token'] !== credentials.sessionToken)
    return invalid('wrong token', 'x-amz-security-token is not the session token');
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  const claimed = request.headers['x-amz-content-sha256'];
  if (service === 's3' && claimed === undefined) return invalid('incomplete', 'x-amz-content-sha256 is missing');
  if (claimed !== undefined && claimed !== 'UNSIGNED-PAYLOAD' && claimed !== bodyHash)
    return invalid('wrong signature', 'x-amz-content-sha256 is not the hash of the body');

  const url = new URL(request.target, `https://${request.host}`);
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    query[name] = values.length === 1 ? values[0] : values;
  }
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey: credentials.secretAccessKey, sessionToken: credentials.sessionToken },
    region,
    service,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: request.host,
      path: url.pathname,
      query,
      headers: Object.fromEntries(names.map((name) => [name, name === 'host' ? request.host : (request.headers[name] ?? '')])),
      body: request.body,
    },
    { signingDate, signableHeaders: new Set(names) },
  );
  const expected = /Signature=([0-9a-f]{64})/.exec(signed.headers.authorization ?? '')?.[1] ?? '';
  if (expected.length !== signature.length || !timingSafeEqual(Buffer.from(expected), Buffer.from(signature)))
    return invalid('wrong signature', 'the signature that was calculated does not match the one provided');
  return { valid: true, service, region };
}

class Sha256 {
  private readonly hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  public constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', asBytes(secret));
  }

  public update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(asBytes(data));
  }

  public digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.hash.digest()));
  }

  public reset(): void {
    throw new Error('a hash of the signer is used once');
  }
}

function asBytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}
