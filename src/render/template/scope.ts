import type { GoFunction } from "./function.ts";

/** Gives every variable a slot; a block's variables are forgotten at its end. */
export class Scope {
  readonly #names: { readonly name: string; readonly slot: number }[] = [{ name: "$", slot: 0 }];
  slotCount = 1;

  declare(name: string): number {
    const slot = this.slotCount++;
    this.#names.push({ name, slot });
    return slot;
  }

  slotOf(name: string): number {
    return this.#names.findLast((known) => known.name === name)?.slot ?? 0;
  }

  within<T>(compile: () => T): T {
    const count = this.#names.length;
    const result = compile();
    this.#names.length = count;
    return result;
  }
}

/** What compiling one body shares. */
export interface CompileContext {
  readonly file: string;
  readonly text: string;
  readonly functions: ReadonlyMap<string, GoFunction>;
  readonly scope: Scope;
}
