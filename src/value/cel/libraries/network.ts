import { parseIp, parseIpBlock, printIp } from "../../ip-bits.ts";
import type { IpBits, IpBlock } from "../../ip-bits.ts";
import { registerNamespace } from "../engine.ts";
import type { Environment } from "../engine.ts";

/** An address as CEL holds it. */
class CelIp {
  readonly ip: IpBits;

  constructor(ip: IpBits) {
    this.ip = ip;
  }
}

/** A block of addresses as CEL holds it. */
class CelCidr {
  readonly block: IpBlock;

  constructor(block: IpBlock) {
    this.block = block;
  }
}

const ipType = "net.IP";
const cidrType = "net.CIDR";

/** `ip` and `cidr`. @see kubernetes apiserver pkg/cel/library/ip.go and cidr.go */
export function registerNetwork(environment: Environment): void {
  environment.registerType(ipType, { ctor: CelIp }).registerType(cidrType, { ctor: CelCidr });
  registerNamespace(environment, "ip", "IpNamespace");
  registerIps(environment);
  registerCidrs(environment);
}

function registerIps(environment: Environment): void {
  const question = (name: string, holds: (ip: IpBits) => boolean) => { environment.registerFunction(`${ipType}.${name}(): bool`, ({ ip }: CelIp) => holds(ip)); };
  environment
    .registerFunction(`ip(string): ${ipType}`, (text: string) => ipOf(text))
    .registerFunction("isIP(string): bool", (text: string) => parseIp(text) !== undefined)
    .registerFunction("IpNamespace.isCanonical(string): bool", (_ip: object, text: string) => printIp(ipOf(text).ip) === text)
    .registerFunction(`${ipType}.family(): int`, ({ ip }: CelIp) => BigInt(ip.family === "IPv4" ? 4 : 6))
    .registerFunction(`string(${ipType}): string`, ({ ip }: CelIp) => printIp(ip))
    .registerOperator(`${ipType} == ${ipType}`, (a: CelIp, b: CelIp) => a.ip.family === b.ip.family && a.ip.bits === b.ip.bits);
  question("isUnspecified", ({ bits }) => bits === 0n);
  question("isLoopback", (ip) => isIn(ip, "127.0.0.0/8", "::1/128"));
  question("isLinkLocalMulticast", (ip) => isIn(ip, "224.0.0.0/24", "ff02::/16"));
  question("isLinkLocalUnicast", (ip) => isIn(ip, "169.254.0.0/16", "fe80::/10"));
  question("isGlobalUnicast", (ip) => ip.bits !== 0n && !isIn(ip, "127.0.0.0/8", "224.0.0.0/4", "169.254.0.0/16", "255.255.255.255/32", "::1/128", "ff00::/8", "fe80::/10"));
}

function registerCidrs(environment: Environment): void {
  const contains = ({ block }: CelCidr, ip: IpBits): boolean => holds(block, ip);
  environment
    .registerFunction(`cidr(string): ${cidrType}`, (text: string) => cidrOf(text))
    .registerFunction("isCIDR(string): bool", (text: string) => parseIpBlock(text) !== undefined)
    .registerFunction(`${cidrType}.containsIP(string): bool`, (cidr: CelCidr, text: string) => contains(cidr, ipOf(text).ip))
    .registerFunction(`${cidrType}.containsIP(${ipType}): bool`, (cidr: CelCidr, { ip }: CelIp) => contains(cidr, ip))
    .registerFunction(`${cidrType}.containsCIDR(string): bool`, (cidr: CelCidr, text: string) => holdsBlock(cidr, cidrOf(text)))
    .registerFunction(`${cidrType}.containsCIDR(${cidrType}): bool`, holdsBlock)
    .registerFunction(`${cidrType}.ip(): ${ipType}`, ({ block }: CelCidr) => new CelIp(block.ip))
    .registerFunction(`${cidrType}.masked(): ${cidrType}`, ({ block }: CelCidr) => new CelCidr({ ...block, ip: masked(block) }))
    .registerFunction(`${cidrType}.prefixLength(): int`, ({ block }: CelCidr) => BigInt(block.length))
    .registerFunction(`string(${cidrType}): string`, ({ block }: CelCidr) => `${printIp(block.ip)}/${block.length}`)
    .registerOperator(`${cidrType} == ${cidrType}`, (a: CelCidr, b: CelCidr) => a.block.length === b.block.length && a.block.ip.family === b.block.ip.family && a.block.ip.bits === b.block.ip.bits);
}

function ipOf(text: string): CelIp {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`IP Address parse error during conversion from string: ParseAddr("${text}"): unable to parse IP`);
  return new CelIp(ip);
}

function cidrOf(text: string): CelCidr {
  const block = parseIpBlock(text);
  if (block === undefined) throw new Error(`network address parse error during conversion from string: netip.ParsePrefix("${text}")`);
  return new CelCidr(block);
}

function widthOf({ family }: IpBits): number {
  return family === "IPv4" ? 32 : 128;
}

function masked({ ip, length }: IpBlock): IpBits {
  const shift = BigInt(widthOf(ip) - length);
  return { family: ip.family, bits: (ip.bits >> shift) << shift };
}

function holds(block: IpBlock, ip: IpBits): boolean {
  return block.ip.family === ip.family && masked(block).bits === masked({ ip, length: block.length }).bits;
}

function holdsBlock({ block: outer }: CelCidr, { block: inner }: CelCidr): boolean {
  return inner.length >= outer.length && holds(outer, inner.ip);
}

function isIn(ip: IpBits, ...blocks: readonly string[]): boolean {
  return blocks.some((text) => {
    const block = parseIpBlock(text);
    return block !== undefined && holds(block, ip);
  });
}
