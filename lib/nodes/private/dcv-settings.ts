import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { DownloadSource } from '../../cluster/download-source';
import { ConstructError } from '../../construct-error';
import { SecretReference } from '../../templates/value-kinds';
import { sessionOwnerRule } from '../../values/session-owner';
import { follows, isLookedUpLater } from '../../values/value-rule';
import { DcvAccess, type DcvCollaborator, type DcvOptions, type DcvPermissions } from '../dcv-options';
import type { NodeOs } from '../node-os';
import { NodeOsFamily } from '../node-os-props';
import type { VirtualDesktopNodeProps } from '../virtual-desktop-node';
import { checkInteger } from './node-checks';
import { isAmazonLinux2, refuseOnAmazonLinux2 } from './unsupported-options';

/** Each permission with the feature of DCV, whether a desktop has it by itself, and whether it is to control the desktop. */
const FEATURES: { readonly [permission in keyof Required<DcvPermissions>]: readonly [feature: string, usual: boolean, control?: boolean] } =
  {
    audioIn: ['audio-in', true],
    audioOut: ['audio-out', true],
    clipboardCopy: ['clipboard-copy', true],
    clipboardPaste: ['clipboard-paste', true],
    extensionsClient: ['extensions-client', true],
    extensionsServer: ['extensions-server', true],
    fileDownload: ['file-download', true],
    fileUpload: ['file-upload', true],
    gamepad: ['gamepad', true, true],
    keyboard: ['keyboard', true, true],
    keyboardSas: ['keyboard-sas', true, true],
    mouse: ['mouse', true, true],
    printer: ['printer', false],
    screenshot: ['screenshot', true],
    smartcard: ['smartcard', true],
    stylus: ['stylus', true, true],
    touch: ['touch', true, true],
    usb: ['usb', false],
    webauthnRedirection: ['webauthn-redirection', true],
    webcam: ['webcam', true],
  };

/** What everybody has who may connect: the picture, and where the pointer is. */
const SEEING = ['display', 'pointer'];

const MAX_RESOLUTION = { width: 4096, height: 2160 };
const STORAGE = 'dcv_session_storage';
const DCV_URL = '/system/dcv/url';

/** Names that are another one, or a device, and folders of drive C that are not for the files of clients: they would get its access list. */
const NOT_ON_WINDOWS = /[.]$|^(con|prn|aux|nul|com[0-9]|lpt[0-9])([.]|$)/i;
const FOLDERS_OF_WINDOWS = [
  ...['windows', 'users', 'documents and settings', 'program files', 'programdata', 'perflogs', 'recovery', 'boot', 'efi', 'inetpub'],
  ...['system volume information', 'config.msi', 'msocache'],
];

/**
 * @throws when an option does not have the form that its documentation says, or the system does not get it
 * @internal
 */
export function checkDcvOptions(place: string, os: NodeOs, options: DcvOptions = {}, owner?: string): void {
  const named = Object.fromEntries(Object.entries(options).map(([name, value]) => [`dcv.${name}`, value]));
  refuseOnAmazonLinux2(place, os, named);
  checkPermissions(place, options.permissions);
  checkCollaborators(place, os, options, owner);
  checkInteger(place, 'dcv.maxConcurrentClients', options.maxConcurrentClients, 1, 100);
  checkInteger(place, 'dcv.webClientMaxResolution.width', options.webClientMaxResolution?.width, 640, MAX_RESOLUTION.width);
  checkInteger(place, 'dcv.webClientMaxResolution.height', options.webClientMaxResolution?.height, 480, MAX_RESOLUTION.height);
  checkSessionStorage(place, os, options);
}

/**
 * Where a desktop gets the archive of the DCV server from: its own source, or the cluster's. That is for desktops of several
 * systems, and is passed over where one reads no such source, or has an address of its own.
 *
 * @throws when the desktop cannot have the source that it names
 * @internal
 */
export function dcvSourceOf(
  place: string,
  { os, cluster, configuration, dcvSource }: Pick<VirtualDesktopNodeProps, 'os' | 'cluster' | 'configuration' | 'dcvSource'>,
): DownloadSource | undefined {
  refuseOnAmazonLinux2(place, os, { dcvSource });
  const own = configuration?.[DCV_URL];
  const usual = cluster.configuration[DCV_URL];
  const source = dcvSource ?? cluster.dcvSource;
  const address = dcvSource === undefined ? usual : (own ?? usual);
  if (source !== undefined && address !== undefined) {
    throw new ConstructError(
      'InvalidDownloadSource',
      `expected either a dcvSource or an address in ${DCV_URL} of the configuration, got both; leave one of the two out`,
      place,
    );
  }
  if (dcvSource !== undefined) return dcvSource;
  return isAmazonLinux2(os) || own !== undefined ? undefined : cluster.dcvSource;
}

function checkPermissions(place: string, { keyboard, keyboardSas }: DcvPermissions = {}): void {
  if (keyboard === false && keyboardSas === true) {
    throw new ConstructError(
      'InvalidDcvPermissions',
      'expected dcv.permissions.keyboard with keyboardSas, which DCV sends through the keyboard, got keyboard: false; leave keyboardSas out',
      place,
    );
  }
}

function checkCollaborators(place: string, os: NodeOs, { collaborators = [], maxConcurrentClients }: DcvOptions, owner?: string): void {
  const rule = sessionOwnerRule(os.family);
  const bad = collaborators.find(({ user }) => !Token.isUnresolved(user) && !follows(rule, user) && !isLookedUpLater(user));
  if (bad !== undefined) {
    throw new ConstructError(
      'InvalidDcvPermissions',
      `expected a user in dcv.collaborators of ${rule.description}, got '${bad.user}'`,
      place,
    );
  }
  const names = collaborators.map(({ user }) => user);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ConstructError(
      'InvalidDcvPermissions',
      `expected each user once in dcv.collaborators, got '${twice}' twice; take one out`,
      place,
    );
  }
  if (owner !== undefined && names.includes(owner)) {
    throw new ConstructError(
      'InvalidDcvPermissions',
      `expected nobody in dcv.collaborators who owns the desktop, got the sessionOwner ${Token.isUnresolved(owner) ? 'by its token' : `'${owner}'`}; take them out`,
      place,
    );
  }
  if (names.length > 0 && maxConcurrentClients === 1) {
    throw new ConstructError(
      'InvalidDcvPermissions',
      'expected a dcv.maxConcurrentClients of at least 2 with dcv.collaborators, who could not connect while the owner is there, got 1; give more, or leave one of the two out',
      place,
    );
  }
}

function checkSessionStorage(place: string, { family }: NodeOs, { sessionStorage, permissions }: DcvOptions): void {
  if (sessionStorage === undefined) return;
  const form = /^[A-Za-z0-9_.-][A-Za-z0-9 _.-]*(\/[A-Za-z0-9_.-][A-Za-z0-9 _.-]*)*$/;
  const known = !Token.isUnresolved(sessionStorage);
  const windows = family === NodeOsFamily.WINDOWS;
  const names = sessionStorage.split('/');
  if (
    !known ||
    !form.test(sessionStorage) ||
    names.some((name) => /^\.+$| $/.test(name) || (windows && NOT_ON_WINDOWS.test(name))) ||
    (windows && FOLDERS_OF_WINDOWS.includes(names[0].toLowerCase())) ||
    sessionStorage.length > 200
  ) {
    const where = windows ? 'a folder of its own on drive C' : 'below the home of the owner';
    throw new ConstructError(
      'InvalidSessionStorage',
      `expected a dcv.sessionStorage ${where}, known at synth, of at most 200 letters, digits, blanks, _, ., - and /, got ${known ? `'${sessionStorage}'` : 'a token'}`,
      place,
    );
  }
  if (!hasStorage(permissions)) {
    throw new ConstructError(
      'InvalidSessionStorage',
      'expected no dcv.sessionStorage without fileDownload and fileUpload in dcv.permissions, got one that nobody could use; leave it out',
      place,
    );
  }
}

function hasStorage({ fileDownload = true, fileUpload = true }: DcvPermissions = {}): boolean {
  return fileDownload || fileUpload;
}

/**
 * @internal
 */
export function warnOfDcvOptions(node: IConstruct, { permissions = {} }: DcvOptions = {}): void {
  if (permissions.screenshot === false && permissions.clipboardCopy !== false) {
    Annotations.of(node).addWarningV2(
      'cdk-cluster-nodes:dcvScreenshot',
      'a user who may not save pictures of the desktop in the client can take one on the desktop, and copy it from there; set dcv.permissions.clipboardCopy to false as well',
    );
  }
}

/**
 * The options as context keys.
 *
 * @internal
 */
export function dcvSettings(os: NodeOs, options: DcvOptions = {}): { [key: string]: unknown } {
  const { permissions, collaborators = [], certificateSecret } = options;
  // Where the scripts know none of the options, everything is as it was.
  const fixed = isAmazonLinux2(os);
  const allowed = fixed ? ['builtin'] : [...SEEING, ...featuresOf(permissions, true), 'unsupervised-access'];
  const storage = hasStorage(permissions) ? (options.sessionStorage ?? STORAGE) : null;
  return {
    '/dcv/OwnerFeatures': allowed,
    '/dcv/DeniedFeatures': fixed ? [] : featuresOf(permissions, false),
    '/dcv/Collaborators': collaborators.map((collaborator) => collaboratorContext(collaborator, allowed)),
    '/dcv/Quic': options.quic ?? true,
    '/dcv/WebClientMaxResolution': fixed ? null : { ...(options.webClientMaxResolution ?? MAX_RESOLUTION) },
    '/dcv/MaxConcurrentClients': options.maxConcurrentClients ?? null,
    '/dcv/CertificateSecret':
      certificateSecret === undefined ? null : new SecretReference('/dcv/CertificateSecret', certificateSecret.secretArn),
    '/system/dcv/session_storage': storage,
  };
}

function featuresOf(permissions: DcvPermissions = {}, allowed: boolean): string[] {
  const usual = { keyboardSas: permissions.keyboard };
  return Object.entries(FEATURES)
    .filter(([name, [, byItself]]) => {
      const permission = name as keyof DcvPermissions;
      return (permissions[permission] ?? (usual as DcvPermissions)[permission] ?? byItself) === allowed;
    })
    .map(([, [feature]]) => feature);
}

function collaboratorContext({ user, access, unsupervised = false }: DcvCollaborator, ownersFeatures: readonly string[]) {
  const wanted = Object.values(FEATURES).flatMap(([feature, , control]) => (control && access === DcvAccess.CONTROL ? [feature] : []));
  const features = [...SEEING, 'audio-out', ...wanted].filter((feature) => ownersFeatures.includes(feature));
  return { user, features, unsupervised };
}
