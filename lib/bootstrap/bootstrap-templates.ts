import * as fs from 'fs';
import * as path from 'path';
import { Token } from 'aws-cdk-lib';
import { ConstructError } from '../construct-error';
import { nearestNames } from '../templates/nearest-names';
import { RenderResult, TemplateRenderer } from '../templates/renderer';
import { CONTEXT_KEYS } from '../values/context-keys';

/** How values are written into the scripts. */
export enum TemplateEscaping {
  /**
   * Each value is escaped for the place where it stands, so that the program on the node sees exactly the value.
   */
  CONTEXTUAL = 'contextual',

  /**
   * Values are written as they are, as Jinja2 without autoescape does. **A value with a quote, a `$` or a newline in it
   * can then run as code, as root.** For templates that quote by themselves, and only with values that you control.
   */
  NONE = 'none',
}

/** What happens when a template asks for a key that nobody declared. */
export enum MissingKeys {
  /** An error that names the nearest known keys. */
  ERROR = 'error',

  /** Jinja2's behaviour: the value is `None`. For templates that rely on it. */
  NONE = 'none',
}

/** Options of templates that come from a folder. */
export interface BootstrapTemplatesOptions {
  /**
   * How values are written into the scripts. Applies to the templates of the library as well.
   *
   * @default TemplateEscaping.CONTEXTUAL
   */
  readonly escaping?: TemplateEscaping;

  /**
   * What happens when a template asks for a key that nobody declared.
   *
   * @default MissingKeys.ERROR
   */
  readonly missingKeys?: MissingKeys;
}

const ASSETS = path.join(__dirname, '..', '..', 'assets');
const LIBRARY = [path.join(ASSETS, 'cluster_node_bootstrap'), ASSETS];
/** So many files without effect are named. */
const NAMED_FILES = 10;

/**
 * Where the templates of the bootstrap come from: the library's own, or a folder of yours laid over them. A file of the
 * folder takes the place of the library's file with the same relative path (`compute_node/setup_user_customization.sh.j2`,
 * `user_data/linux/user_data.sh.j2` ...); includes find the folder's files first, too.
 *
 * A phase may have an install beside it: `compute_node/setup.install.sh.j2` runs before `compute_node/setup.sh.j2`, and
 * may run when an image is baked. The library's install of a phase is left out where the folder has the phase and not its
 * install: such a phase is run as it is. The same holds for a check (`compute_node/extra/virtual_desktop.check.sh.j2`), which
 * runs on Linux after the last phase, in the boot in which the node becomes ready.
 */
export class BootstrapTemplates {
  /** The library's own templates. */
  public static builtIn(): BootstrapTemplates {
    return BootstrapTemplates.own;
  }

  /**
   * The library's templates with a folder laid over them.
   *
   * @param directory path of the folder, a relative one from the working directory
   * @param options how its templates are rendered
   * @throws when the folder does not exist, is not a folder, or holds no template (`*.j2`)
   */
  public static fromDirectory(directory: string, options: BootstrapTemplatesOptions = {}): BootstrapTemplates {
    return new BootstrapTemplates(directory, options);
  }

  private static readonly own = new BootstrapTemplates();

  /** Absolute path of the folder, absent for the library's own templates. */
  public readonly directory?: string;

  private readonly renderer: TemplateRenderer;
  private readonly rendered = new Map<string, RenderResult>();
  /** Absolute paths of the files that were read so far. */
  private readonly read = new Set<string>();
  private readonly overlayNames: string[] = [];
  /**
   * What is to be said of scripts that were rendered so far and that only bash itself takes for bash.
   *
   * @internal
   */
  public readonly _shellWarnings = new Set<string>();

  private constructor(directory?: string, options: BootstrapTemplatesOptions = {}) {
    if (directory !== undefined) {
      this.directory = existingDirectory(directory);
      this.overlayNames = filesIn(this.directory);
      if (!this.overlayNames.some((name) => name.endsWith('.j2'))) {
        throw new ConstructError(
          'NoTemplates',
          `expected a folder with templates (*.j2), got ${this.directory} without any; put files such as compute_node/setup_user_customization.sh.j2 in it`,
        );
      }
    }
    this.renderer = new TemplateRenderer({
      searchPaths: this.directory === undefined ? LIBRARY : [this.directory, ...LIBRARY],
      escaping: options.escaping ?? TemplateEscaping.CONTEXTUAL,
      missingKeys: options.missingKeys ?? MissingKeys.ERROR,
      declaredKeys: Object.keys(CONTEXT_KEYS),
      // Scripts of the library alone have been parsed by its tests, and values change nothing of that.
      checksShell: (files) => files.some((file) => !file.startsWith(ASSETS + path.sep)),
    });
  }

  /**
   * Render one template. The same template with the same context is rendered once.
   *
   * @internal
   */
  public _render(template: string, context: { readonly [key: string]: unknown }, fingerprint: string): RenderResult {
    const key = `${template}\n${fingerprint}`;
    let result = this.rendered.get(key);
    if (result === undefined) {
      result = this.renderer.render(template, context);
      this.rendered.set(key, result);
      result.templates.forEach((file) => this.read.add(file));
      result.warnings.forEach((warning) => this._shellWarnings.add(warning));
    }
    return result;
  }

  /**
   * Name of the template of an install or check that goes with the template of a phase; undefined when there is none.
   *
   * @internal
   */
  public _templateBeside(phase: string, step: 'install' | 'check'): string | undefined {
    const beside = nameBeside(phase, step);
    const isUsed = this.overlayNames.includes(beside) || (!this.overlayNames.includes(phase) && this.renderer.has(beside));
    return isUsed ? beside : undefined;
  }

  /** Whether the folder has the phase or its install. @internal */
  public _isOverlaid(phase: string): boolean {
    return this.overlayNames.includes(phase) || this.overlayNames.includes(nameBeside(phase, 'install'));
  }

  /**
   * What is to be said of files of the folder that nothing reads: they take the place of none of the library's, were not
   * included, and are named by no other template of the folder, which may be one for other nodes.
   *
   * @param others templates of the same folder that nodes use
   * @internal
   */
  public _unusedFiles(others: Iterable<BootstrapTemplates> = []): string[] {
    const read = new Set([this, ...others].flatMap((templates) => [...templates.read]));
    const fileOf = (name: string) => path.join(this.directory!, name);
    // The install and the check of a phase may be new.
    const ownNames = libraryNames();
    const isOwnName = (name: string) => ownNames.includes(name.replace(/\.(?:install|check)(\.[^./]+\.j2)$/, '$1'));
    const unused = this.overlayNames.filter((name) => !read.has(fileOf(name)) && !isOwnName(name));
    const templates = unused.length === 0 ? [] : this.overlayNames.filter((name) => name.endsWith('.j2'));
    const sources = templates.map((name) => fs.readFileSync(fileOf(name), 'utf8'));
    const told = unused.filter((name) => !sources.some((source) => source.includes(`"${name}"`) || source.includes(`'${name}'`)));
    const more = told.length > NAMED_FILES ? [`${told.length - NAMED_FILES} more files in ${this.directory} have no effect`] : [];
    return [...told.slice(0, NAMED_FILES).map((name) => `${fileOf(name)} has no effect: ${remedyFor(name, ownNames)}`), ...more];
  }
}

/** Names that a folder's file can have to take the place of the library's. */
function libraryNames(): string[] {
  return [...filesIn(LIBRARY[0]), ...filesIn(ASSETS).filter((name) => name.startsWith('user_data/'))];
}

function remedyFor(name: string, ownNames: readonly string[]): string {
  const nearest = nearestNames(name.endsWith('.j2') ? name : `${name}.j2`, ownNames);
  const found = nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : 'include it, or keep it in another folder';
  return `it takes the place of no template of the library and is not included by one; ${found}`;
}

function existingDirectory(directory: string): string {
  if (Token.isUnresolved(directory)) {
    throw new ConstructError('TokenDirectory', 'expected the path of a folder with templates, got a token; pass a path known at synth');
  }
  const absolute = path.resolve(directory);
  if (!fs.statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ConstructError('NoSuchDirectory', `expected the path of a folder with templates, got ${absolute}, which is not a folder`);
  }
  return absolute;
}

/** Names of the files in a folder and its folders, without those that begin with a dot. */
function filesIn(directory: string): string[] {
  return fs
    .readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => !/(^|\/)\./.test(name) && fs.statSync(path.join(directory, name), { throwIfNoEntry: false })?.isFile())
    .sort();
}

/** Name of the template of a step of a phase: `setup.install.sh.j2` of `setup.sh.j2`. */
function nameBeside(phase: string, step: string): string {
  return phase.replace(/(\.[^./]+\.j2)$/, `.${step}$1`);
}
