import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { Refusal } from './refusal';
import { World } from './world';

/** The lab's EC2 has a key of its own, so that nobody else can sign a document. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });

/** What an instance shows of itself, and the signature as the metadata service gives it, in lines. */
export function identityDocument(world: World, privateIp: string): { readonly document: string; readonly signature: string } {
  const document = JSON.stringify(
    {
      accountId: world.account,
      architecture: 'x86_64',
      availabilityZone: `${world.region}a`,
      imageId: world.instance.image,
      instanceId: world.instance.id,
      instanceType: world.instance.type,
      pendingTime: '2026-01-01T00:00:00Z',
      privateIp,
      region: world.region,
      version: '2017-09-30',
    },
    undefined,
    2,
  );
  const signature = createSign('sha256').update(document).sign(privateKey, 'base64');
  return { document, signature: signature.replace(/.{64}/g, '$&\n') };
}

/**
 * Whether CloudFormation takes a call that is authenticated with the identity document of an instance: a GET for the stack that
 * the instance belongs to. The messages are those of CloudFormation where a public report has them.
 *
 * @throws Refusal
 */
export function checkIdentity(
  request: { readonly method: string; readonly headers: Readonly<Record<string, string>> },
  action: string,
  stackName: string,
  world: World,
): void {
  const [, encoded, signature] = /^CFN_V1 ([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization) ?? [];
  if (encoded === undefined || request.method !== 'GET')
    throw new Refusal(
      403,
      'IncompleteSignature',
      'expected a GET with an identity document in one line, a colon, and its signature in one line',
    );
  const document = Buffer.from(encoded, 'base64');
  if (!createVerify('sha256').update(document).verify(publicKey, signature, 'base64'))
    throw new Refusal(403, 'InvalidClientTokenId', 'the identity document was not signed by EC2');
  const { instanceId, accountId, region } = JSON.parse(document.toString()) as Record<string, string>;
  const isMember = instanceId === world.instance.id && world.instance.stack === stackName;
  if (action !== 'SignalResource' || accountId !== world.account || region !== world.region || !isMember)
    throw new Refusal(403, 'AccessDenied', `Instance ${instanceId} is not allowed to call ${action} for ${stackName}`);
}
