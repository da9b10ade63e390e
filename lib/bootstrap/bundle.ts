import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { Aws, FileAssetPackaging, Stack, Stage, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { RenderResult } from '../templates/renderer';
import { TemplateError } from '../templates/template-error';
import { ConstructError } from '../construct-error';
import { MadeOnce } from '../made-once';
import { VariableReference } from '../templates/value-kinds';
import { deployTimeValueLine } from '../values/deploy-time-values';
import { BootPlan } from './boot-plan';
import { BootstrapTemplates } from './bootstrap-templates';
import { installError, valueInInstall } from './download-settings';
import { NodeContext } from './node-context';
import { tarArchive } from './tar-archive';

/**
 * The scripts of a node, rendered and archived.
 *
 * @internal
 */
export interface RenderedBundle {
  readonly files: { readonly [path: string]: string };
  readonly archive: Uint8Array;
  readonly sha256: string;
  /** Variables that the scripts read. */
  readonly references: readonly VariableReference[];
}

const renderedBundles = new MadeOnce<BootstrapTemplates, RenderedBundle>();

/**
 * Renders the files of a boot plan. Nodes with the same plan and the same fingerprint share the result.
 *
 * @internal
 */
export function renderBundle(plan: BootPlan, templates: BootstrapTemplates, context: NodeContext): RenderedBundle {
  const key = `${plan.files.map((file) => file.path).join()}\n${context.fingerprint}`;
  return renderedBundles.get(templates, key, () => render(plan, templates, context));
}

function render(plan: BootPlan, templates: BootstrapTemplates, context: NodeContext): RenderedBundle {
  const files: { [path: string]: string } = {};
  const references = new Map<string, VariableReference>();
  const add = (path: string, result: RenderResult) => {
    // Jinja2 drops the last newline of a template; a script has one.
    files[path] = result.text.endsWith('\n') ? result.text : `${result.text}\n`;
    result.references.forEach((reference) => references.set(reference.variable, reference));
  };
  for (const { template, path, install, check, phase } of plan.files) {
    if (install !== undefined) {
      const result = renderInstall(install.template, templates, context);
      checkValuesAreLoaded(install.template, result, 'install_prelude');
      add(install.path, result);
    }
    const result = templates._render(template, context.values, context.fingerprint);
    if (phase !== undefined) {
      checkValuesAreLoaded(template, result, 'prelude');
    }
    add(path, result);
    if (check !== undefined) {
      const checkResult = templates._render(check.template, context.values, context.fingerprint);
      checkValuesAreLoaded(check.template, checkResult, 'prelude');
      add(check.path, checkResult);
    }
  }
  const archive = tarArchive(Object.entries(files).map(([name, content]) => ({ path: name, content })));
  return {
    files,
    archive,
    sha256: createHash('sha256').update(archive).digest('hex'),
    references: [...references.values()],
  };
}

function renderInstall(template: string, templates: BootstrapTemplates, context: NodeContext): RenderResult {
  let result: RenderResult;
  try {
    result = templates._render(template, context.installValues, context.fingerprint);
  } catch (error) {
    throw installError(error);
  }
  const refused = result.references.find(({ kind }) => kind !== 'download');
  if (refused !== undefined) {
    throw valueInInstall(result.places.get(refused.variable)!, refused.key);
  }
  return result;
}

/** What a script has that reads the values file, by itself or with the library's prelude. */
const LOADS_VALUES = /^(?!\s*#).*(?:load_values\b|cluster-node\/values|ClusterNode\\values|'launch-time-values')/m;

/** A value that is known later is a variable, which is empty until the script has read the values. */
function checkValuesAreLoaded(entry: string, { text, references, places }: RenderResult, prelude: string): void {
  const loaded = LOADS_VALUES.exec(text)?.index ?? Infinity;
  for (const { variable, kind, key } of references) {
    const place = places.get(variable)!;
    const used = text.search(new RegExp(`^(?!\\s*#).*\\b${variable}\\b`, 'm'));
    // Functions that are included may stand before it, and be called behind it.
    if (used !== -1 && used < loaded && (loaded === Infinity || place.template === entry)) {
      const [family, extension] = entry.endsWith('.sh.j2') ? ['linux', 'sh'] : ['windows', 'ps'];
      throw new TemplateError({
        ...place,
        code: 'ValuesNotLoaded',
        key,
        problem: `a ${kind} value is a variable of the script, which is empty here since the script has not read the values yet`,
        remedy: `write {% include "templates/${family}/${prelude}.${extension}.j2" %} before it, as the library's scripts do`,
      });
    }
  }
}

const READ = 's3:GetObject';

/** Of bundles alone: the object's key keeps it, and roles of nodes read what has it. Nodes of earlier deployments rely on it. */
const EXTENSION = '.cluster-node-bundle';

const addedBundles = new MadeOnce<Stack, BootstrapBundle>();

/**
 * The archive with the scripts of a node: a file asset of the stack, named by its content. Nodes that differ only in
 * deploy-time or launch-time values share it.
 */
export class BootstrapBundle {
  /**
   * Adds the archive to the assets of the stack.
   *
   * @internal
   */
  public static _addTo(scope: IConstruct, rendered: RenderedBundle): BootstrapBundle {
    const stack = Stack.of(scope);
    return addedBundles.get(stack, rendered.sha256, () => BootstrapBundle.add(scope, stack, rendered));
  }

  private static add(scope: IConstruct, stack: Stack, rendered: RenderedBundle): BootstrapBundle {
    const stage = Stage.of(scope);
    if (stage === undefined) {
      throw new ConstructError('OutsideOfApp', 'expected a construct inside an App or Stage', scope);
    }
    // Written straight to the cloud assembly, where a file asset would be copied to: the name is the content's hash, so
    // a file that is there already is the right one.
    const file = path.join(stage.assetOutdir, `asset.${rendered.sha256}${EXTENSION}`);
    if (fs.statSync(file, { throwIfNoEntry: false })?.size !== rendered.archive.length) {
      fs.mkdirSync(stage.assetOutdir, { recursive: true });
      const partial = `${file}.${process.pid}.partial`;
      fs.writeFileSync(partial, rendered.archive);
      fs.renameSync(partial, file);
    }
    const location = stack.synthesizer.addFileAsset({
      fileName: path.relative(stage.outdir, file),
      packaging: FileAssetPackaging.FILE,
      sourceHash: rendered.sha256,
      displayName: scope.node.path,
    });
    if (!Token.isUnresolved(location.objectKey) && !location.objectKey.endsWith(EXTENSION)) {
      throw new ConstructError(
        'BundleExtension',
        `expected the stack's synthesizer to keep the extension ${EXTENSION} of file assets, by which nodes may read them, got the object key '${location.objectKey}'`,
        scope,
      );
    }
    return new BootstrapBundle(stack, location.bucketName, location.objectKey, rendered);
  }

  /** SHA-256 of the archive, hexadecimal. The node checks it. */
  public readonly sha256: string;

  /** Size of the archive in bytes. */
  public readonly archiveBytes: number;

  /** Text of each script by its path in the archive. Deploy-time and launch-time values are variables in it. */
  public readonly files: { [path: string]: string };

  /**
   * Lines of the values file that stage 0 fetches the archive by.
   *
   * @internal
   */
  public readonly _valueLines: readonly string[];

  /** ARN of the archives in the bucket. */
  private readonly arns: string;

  private constructor(
    stack: Stack,
    /** Bucket that holds the archive. */
    public readonly bucketName: string,
    /** Key of the archive in the bucket. */
    public readonly objectKey: string,
    rendered: RenderedBundle,
  ) {
    this.sha256 = rendered.sha256;
    this.archiveBytes = rendered.archive.length;
    this.files = { ...rendered.files };
    this._valueLines = [
      deployTimeValueLine('VALUE_CONFIGURATION_REGION', Aws.REGION),
      deployTimeValueLine('VALUE_BOOTSTRAP_BUNDLE_BUCKET', bucketName),
      deployTimeValueLine('VALUE_BOOTSTRAP_BUNDLE_KEY', objectKey),
    ];
    this.arns = stack.formatArn({ service: 's3', region: '', account: '', resource: bucketName, resourceName: `*${EXTENSION}` });
  }

  /**
   * Allow reading the archives of nodes in the bucket, and nothing else in it. All of them, so that launch template versions of
   * earlier deployments still boot; which one is right for a node, its UserData says by the checksum.
   *
   * @param grantee who may read, such as the role of a node
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions: [READ], resourceArns: [this.arns] });
  }

  /**
   * What `grantRead` allows, for a role that is yet to be made.
   *
   * @internal
   */
  public _readStatement(): iam.PolicyStatement {
    return new iam.PolicyStatement({ actions: [READ], resources: [this.arns] });
  }
}
