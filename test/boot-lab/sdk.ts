import Module from 'node:module';

/** What the client of an SDK is given to send. */
export interface Command {
  readonly input: unknown;
}

type Loader = (name: string, ...rest: readonly unknown[]) => unknown;
const modules = Module as unknown as { _load: Loader };

/** The library loads a package of the SDK by name when it is first needed: from now on it gets `standIn`. */
export function standInFor(name: string, standIn: unknown): void {
  const load = modules._load;
  modules._load = (asked, ...rest) => (asked === name ? standIn : load(asked, ...rest));
}

/** A client of the SDK, which finds its service by its Region: each machine has one of its own. */
export function clientOf(services: ReadonlyMap<string, { send(command: Command): Promise<unknown> }>) {
  return class {
    public constructor(public readonly options: { readonly region: string }) {}

    public async send(command: Command): Promise<unknown> {
      const service = services.get(this.options.region);
      if (service === undefined) throw new Error(`the lab has no such service in the Region ${this.options.region}`);
      return service.send(command);
    }
  };
}
