import { readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { Operation, Request } from './exchange';

/** Serves a folder of the host under a host name: the package mirror, the vendor's downloads. */
export function serveFolder(service: 'packages' | 'downloads', folder: string, request: Request): Operation {
  const wanted = path.normalize(decodeURIComponent(new URL(request.target, 'http://files').pathname));
  const file = path.join(folder, wanted);
  const notFound = { status: 404, body: 'Not Found\n', error: 'Not Found' };
  return {
    service,
    name: wanted,
    arguments: { host: request.host },
    answer: () => {
      if (!file.startsWith(folder + path.sep) || !(statSync(file, { throwIfNoEntry: false })?.isFile() ?? false)) return notFound;
      return { status: 200, body: readFileSync(file), headers: { 'content-type': 'application/octet-stream' } };
    },
    refuse: (status, code, message) => ({ status, body: `${code}: ${message}\n`, error: code }),
    throttled: { status: 503, code: 'Service Unavailable' },
  };
}

/** A host that the lab does not know: the answer and the report make it visible. */
export function unknownHost(request: Request): Operation {
  return {
    service: 'other',
    name: `${request.method} ${request.host}${request.target}`,
    arguments: {},
    answer: () => ({ status: 404, body: 'the boot lab serves no such host\n', error: 'no such host' }),
    refuse: (status, code) => ({ status, body: code, error: code }),
    throttled: { status: 503, code: 'Service Unavailable' },
  };
}
