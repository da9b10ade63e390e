import { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultPlan } from './faults';
import type { AuthorizationRequest } from './iam';
import { Call, Effect, World } from './world';

/** A request, read whole. */
export interface Request {
  readonly method: string;
  readonly host: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly caller: Call['caller'];
}

export interface Response {
  readonly status: number;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: string;
  /** See `Call.answer`. */
  readonly summary?: string;
}

/** What a service makes of a request before any fault: what to call it, and how it would be answered. */
export interface Operation {
  readonly service: Call['service'];
  readonly name: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** What IAM is asked, where the call is one of the role. */
  readonly authorization?: AuthorizationRequest;
  readonly answer: () => Promise<Response> | Response;
  /** An error in the form this service gives errors. */
  readonly refuse: (status: number, code: string, message: string) => Response;
  /** Who is calling, where the service knows better than the user agent tells. */
  readonly caller?: Call['caller'];
  readonly throttled: { readonly status: number; readonly code: string };
}

export interface Surroundings {
  readonly world: World;
  readonly faults: FaultPlan;
  readonly report: (call: Call) => void;
}

/** Reads a request, lets the service say what it is, applies the fault that hits it, answers, and reports the call. */
export async function exchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  surroundings: () => Surroundings,
  understand: (request: Request, world: World) => Operation,
): Promise<void> {
  const time = Date.now();
  const request = await readRequest(incoming);
  const { world, faults, report } = surroundings();
  const operation = understand(request, world);
  const caller = operation.caller ?? request.caller;
  const effect = faults.hit(`${operation.service}:${operation.name}`, caller, operation.arguments);
  if (effect?.kind === 'delay') await sleep(effect.seconds * 1000);
  const response =
    effect?.kind === 'error'
      ? operation.refuse(effect.status, effect.code, effect.message ?? 'a fault of this scenario')
      : effect?.kind === 'throttle'
        ? operation.refuse(operation.throttled.status, operation.throttled.code, 'Rate exceeded')
        : await operation.answer();
  report({
    time,
    service: operation.service,
    operation: operation.name,
    arguments: operation.arguments,
    authorization: operation.authorization,
    status: effect?.kind === 'disconnect' ? 0 : response.status,
    error: response.error,
    answer: response.summary,
    caller,
    userAgent: request.headers['user-agent'] ?? '',
    byFault: effect !== undefined,
  });
  while (effect?.kind === 'pause' && surroundings().faults === faults) await sleep(10);
  send(outgoing, request, response, effect);
}

function send(outgoing: ServerResponse, request: Request, response: Response, effect: Effect | undefined): void {
  let body = typeof response.body === 'string' ? Buffer.from(response.body) : response.body;
  if (effect?.kind === 'disconnect') {
    outgoing.destroy();
    return;
  }
  // The connection ends with whoever gives up first.
  if (effect?.kind === 'hold') return;
  if (effect?.kind === 'corrupt') {
    body = Buffer.from(body);
    body[Math.floor(body.length / 2)] ^= 0xff;
  }
  if (effect?.kind === 'replace') body = Buffer.from(body.toString().replace(new RegExp(effect.pattern, 'm'), effect.text));
  if (effect?.kind === 'shorten') body = body.subarray(0, Math.floor(body.length * effect.share));
  outgoing.writeHead(response.status, { 'content-type': 'text/plain', ...response.headers, 'content-length': String(body.length) });
  if (request.method === 'HEAD') outgoing.end();
  else if (effect?.kind === 'truncate') outgoing.write(body.subarray(0, Math.floor(body.length * effect.share)), () => outgoing.destroy());
  else if (effect?.kind === 'drip') drip(outgoing, body, effect.everySeconds);
  else outgoing.end(body);
}

function drip(outgoing: ServerResponse, body: Buffer, everySeconds: number): void {
  let sent = 0;
  const timer = setInterval(() => outgoing.write(body.subarray(sent, ++sent)), everySeconds * 1000);
  outgoing.on('close', () => clearInterval(timer));
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = Array.isArray(value) ? value.join(',') : (value ?? '');
  return {
    method: incoming.method ?? 'GET',
    host: (headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
    target: incoming.url ?? '/',
    headers,
    body: Buffer.concat(chunks),
    caller: /cloud-?init/i.test(headers['user-agent'] ?? '') ? 'cloud-init' : 'bootstrap',
  };
}
