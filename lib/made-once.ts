/**
 * What is made once for an owner and a key, and goes with its owner.
 *
 * @internal
 */
export class MadeOnce<Owner extends object, Made extends object> {
  private readonly made = new WeakMap<Owner, Map<string, Made>>();

  public get(owner: Owner, key: string, make: () => Made): Made {
    const known = this.made.get(owner) ?? new Map<string, Made>();
    this.made.set(owner, known);
    const made = known.get(key) ?? make();
    known.set(key, made);
    return made;
  }
}
