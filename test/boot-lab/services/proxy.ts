import { IncomingMessage, request as forward, Server, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { Call } from './world';

/**
 * A forward proxy: CONNECT for TLS, absolute request targets for plain HTTP. Every name leads to the services; metadata
 * addresses are refused and reported, because a proxy answers those with its own instance's identity.
 */
export function proxyOf(server: Server, servicesAddress: string, report: (call: Call) => void): void {
  const log = (operation: string, status: number): void =>
    report({ time: Date.now(), service: 'proxy', operation, arguments: {}, status, caller: 'bootstrap', userAgent: '', byFault: false });
  const refused = (target: string): boolean => target.startsWith('169.254.');

  server.on('connect', (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    const target = incoming.url ?? '';
    log(`CONNECT ${target}`, refused(target) ? 403 : 200);
    client.on('error', () => client.destroy());
    if (refused(target)) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = connect(Number(target.split(':')[1] ?? 443), servicesAddress, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client);
      client.pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
  });

  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const url = new URL(incoming.url ?? '/', 'http://proxy.invalid');
    log(`${incoming.method ?? 'GET'} ${url.origin}${url.pathname}`, refused(url.hostname) ? 403 : 200);
    if (refused(url.hostname) || url.hostname === 'proxy.invalid') {
      outgoing.writeHead(403).end();
      return;
    }
    const upstream = forward(
      {
        host: servicesAddress,
        port: Number(url.port || 80),
        method: incoming.method,
        path: url.pathname + url.search,
        headers: { ...incoming.headers, host: url.host },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    upstream.on('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  });
}
