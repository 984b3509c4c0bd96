/** Parses `127.64.0.0/12` into its first address and size. Throws for what is no IPv4 block. */
export function parseBlock(cidr: string): { readonly first: number; readonly size: number } {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/u.exec(cidr);
  const [a, b, c, d, bits] = (match?.slice(1) ?? []).map(Number);
  if (a === undefined || b === undefined || c === undefined || d === undefined || bits === undefined || bits > 30 || Math.max(a, b, c, d) > 255) {
    throw new Error(`pod addresses "${cidr}" are no IPv4 block such as 127.64.0.0/12`);
  }
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return { first: address - (address % size), size };
}

/** Prints a number as an IPv4 address. */
export function printAddress(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join(".");
}

/** Addresses of a block, each given to one pod; a freed one is used again as late as possible. */
export class AddressPool {
  readonly #first: number;
  readonly #size: number;
  readonly #taken = new Set<string>();
  #next: number;

  /** @param start where in the block to begin, so that two daemons on one machine hand out different addresses; any whole number */
  constructor(cidr: string, start = 1) {
    ({ first: this.#first, size: this.#size } = parseBlock(cidr));
    this.#next = 1 + (start % (this.#size - 2));
  }

  /** Marks an address known from before. */
  claim(address: string): void {
    this.#taken.add(address);
  }

  /** Throws when all are taken. */
  take(): string {
    for (let tries = 0; tries < this.#size; tries++) {
      const offset = this.#next;
      this.#next = this.#next + 1 >= this.#size - 1 ? 1 : this.#next + 1;
      const address = printAddress(this.#first + offset);
      // Addresses that end in 0 or 255 look like networks to some programs.
      if (offset % 256 === 0 || offset % 256 === 255 || this.#taken.has(address)) continue;
      this.#taken.add(address);
      return address;
    }
    throw new Error("no pod address is free on this node");
  }

  free(address: string): void {
    this.#taken.delete(address);
  }
}
