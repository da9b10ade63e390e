/** Template values as `cdk synth` writes them. */
export type TemplateValue = string | number | boolean | null | readonly TemplateValue[] | { readonly [key: string]: TemplateValue };

export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: TemplateValue }>>;
  readonly Conditions?: Readonly<Record<string, TemplateValue>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, TemplateValue>>;
}

export interface Deployment {
  readonly stackName: string;
  readonly region: string;
  readonly partition: string;
  readonly account: string;
  readonly urlSuffix: string;
  /** Values of the template's parameters; their defaults count where none is given. */
  readonly parameters: Readonly<Record<string, string>>;
}

const NO_VALUE = Symbol('AWS::NoValue');

/** Resolves the intrinsic functions of a template as CloudFormation would, for one deployment. */
export class DeployedTemplate {
  public constructor(
    public readonly template: Template,
    private readonly deployment: Deployment,
  ) {}

  /** Logical ids of the resources of a type. */
  public resourcesOfType(type: string): readonly string[] {
    return Object.entries(this.template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id]) => id);
  }

  public properties(logicalId: string): Record<string, TemplateValue> {
    const resource = this.template.Resources[logicalId];
    if (resource === undefined) throw new Error(`the template has no resource ${logicalId}`);
    return this.resolve(resource.Properties ?? {}) as Record<string, TemplateValue>;
  }

  public resolve(value: TemplateValue): TemplateValue {
    const resolved = this.reduce(value);
    if (resolved === NO_VALUE) throw new Error('AWS::NoValue outside of a property');
    return resolved;
  }

  private reduce(value: TemplateValue): TemplateValue | typeof NO_VALUE {
    if (Array.isArray(value))
      return (value as readonly TemplateValue[]).map((item) => this.reduce(item)).filter((item) => item !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const object = value as Readonly<Record<string, TemplateValue>>;
    const keys = Object.keys(object);
    if (keys.length === 1 && (keys[0] === 'Ref' || keys[0].startsWith('Fn::'))) return this.call(keys[0], object[keys[0]]);
    const reduced: Record<string, TemplateValue> = {};
    for (const key of keys) {
      const item = this.reduce(object[key]);
      if (item !== NO_VALUE) reduced[key] = item;
    }
    return reduced;
  }

  private call(name: string, argument: TemplateValue): TemplateValue | typeof NO_VALUE {
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? NO_VALUE : this.reference(argument as string);
      case 'Fn::GetAtt': {
        const [resource, attribute] = typeof argument === 'string' ? argument.split('.') : (argument as readonly string[]);
        return this.attribute(resource, attribute);
      }
      case 'Fn::Base64':
        return Buffer.from(this.text(argument)).toString('base64');
      case 'Fn::Join': {
        const [separator, parts] = argument as readonly [string, TemplateValue];
        return (this.resolve(parts) as readonly TemplateValue[]).map(asText).join(separator);
      }
      case 'Fn::Sub': {
        const [text, variables] =
          typeof argument === 'string' ? [argument, {}] : (argument as readonly [string, Readonly<Record<string, TemplateValue>>]);
        return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, reference: string) => {
          if (literal === '!') return `\${${reference}}`;
          if (reference in variables) return this.text(variables[reference]);
          const [resource, ...attribute] = reference.split('.');
          return attribute.length > 0 ? this.attribute(resource, attribute.join('.')) : asText(this.reference(reference));
        });
      }
      case 'Fn::Select': {
        const [index, list] = argument as readonly [TemplateValue, TemplateValue];
        return (this.resolve(list) as readonly TemplateValue[])[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, text] = argument as readonly [string, TemplateValue];
        return this.text(text).split(separator);
      }
      case 'Fn::If': {
        const [condition, yes, no] = argument as readonly [string, TemplateValue, TemplateValue];
        return this.reduce(this.condition(condition) ? yes : no);
      }
      case 'Fn::Equals': {
        const [left, right] = argument as readonly [TemplateValue, TemplateValue];
        return this.text(left) === this.text(right);
      }
      case 'Fn::Not':
        return !this.resolve((argument as readonly TemplateValue[])[0]);
      default:
        throw new Error(`the lab does not know the intrinsic function ${name}: add it to ${__filename}`);
    }
  }

  private condition(name: string): boolean {
    const condition = this.template.Conditions?.[name];
    if (condition === undefined) throw new Error(`the template has no condition ${name}`);
    return this.resolve(condition) === true;
  }

  private reference(name: string): TemplateValue {
    const { deployment } = this;
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': deployment.account,
      'AWS::Partition': deployment.partition,
      'AWS::Region': deployment.region,
      'AWS::StackId': `arn:${deployment.partition}:cloudformation:${deployment.region}:${deployment.account}:stack/${deployment.stackName}/00000000-0000-4000-8000-000000000000`,
      'AWS::StackName': deployment.stackName,
      'AWS::URLSuffix': deployment.urlSuffix,
    };
    if (name in pseudo) return pseudo[name];
    const parameter = this.template.Parameters?.[name];
    if (parameter !== undefined) {
      const value = deployment.parameters[name] ?? parameter.Default;
      // An image that CloudFormation would look up: nothing in the lab depends on which.
      if (parameter.Type.startsWith('AWS::SSM::Parameter::Value<')) return 'ami-0123456789abcdef0';
      if (value === undefined) throw new Error(`the scenario gives no value for the parameter ${name}`);
      return value;
    }
    const physicalId = `${deployment.stackName}-${name}`;
    if (this.template.Resources[name]?.Type === 'AWS::SecretsManager::Secret')
      return this.arn('secretsmanager', `secret:${physicalId}-AbCdEf`);
    if (name in this.template.Resources) return physicalId;
    throw new Error(`Ref to ${name}, which the template does not have`);
  }

  private attribute(resource: string, attribute: string): string {
    const found = this.template.Resources[resource];
    if (found === undefined) throw new Error(`Fn::GetAtt of ${resource}, which the template does not have`);
    if (attribute === 'Arn' && found.Type.startsWith('AWS::IAM::'))
      return `arn:${this.deployment.partition}:iam::${this.deployment.account}:role/${this.deployment.stackName}-${resource}`;
    if (attribute === 'Arn' && found.Type === 'AWS::KMS::Key') return this.arn('kms', `key/${this.deployment.stackName}-${resource}`);
    return `${this.deployment.stackName}-${resource}-${attribute}`;
  }

  private arn(service: string, resource: string): string {
    const { partition, region, account } = this.deployment;
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }

  private text(value: TemplateValue): string {
    return asText(this.resolve(value));
  }
}

function asText(value: TemplateValue): string {
  if (typeof value === 'object') throw new Error(`expected a scalar where CloudFormation wants text, got ${JSON.stringify(value)}`);
  return String(value);
}
