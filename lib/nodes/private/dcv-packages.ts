import { DOWNLOADS } from './downloads';

/**
 * The DCV server as context keys. Where the library has none, the configuration has to name one.
 *
 * @param addressOf what has the place of the vendor's address
 * @internal
 */
export function dcvServer(
  family: string | undefined,
  architecture: string,
  addressOf: (url: string) => string = (url) => url,
): { [key: string]: unknown } {
  const runtime = family === 'windows' ? DOWNLOADS[`visual-c-runtime/windows/${architecture}`] : undefined;
  const dcv = family === undefined ? undefined : DOWNLOADS[`dcv/${family}/${architecture}`];
  return {
    '/system/dcv/family': family ?? 'none',
    '/system/dcv/version': dcv?.version ?? 'custom',
    '/system/dcv/runtime_url': runtime === undefined ? null : addressOf(runtime.url),
    '/system/dcv/runtime_signers': runtime?.signers ?? [],
    ...(dcv?.sha256 === undefined ? {} : { '/system/dcv/url': addressOf(dcv.url), '/system/dcv/sha256': dcv.sha256 }),
  };
}
