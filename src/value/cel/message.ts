/** A message an expression made: its fields by name. */
export class CelMessage extends Map<string, unknown> {
  /** As it was written: `Object.spec`. */
  readonly typeName: string;

  constructor(typeName: string, fields: Iterable<readonly [string, unknown]>) {
    super(fields);
    this.typeName = typeName;
  }
}
