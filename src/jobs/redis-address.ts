/** How a Redis client is told where to connect. */
export type RedisConnection =
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly username?: string; readonly password?: string; readonly db?: number; readonly tls?: Readonly<Record<string, never>> };

const redisPort = 6_379;

/** Reads `redis://user:password@host:port/db`, `rediss://…` or the path of a unix socket. Throws TypeError for anything else, without showing a password. */
export function parseRedisAddress(address: string): RedisConnection {
  if (address.startsWith("/")) return { path: address };
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.protocol !== "redis:" && url.protocol !== "rediss:") || url.hostname === "") {
    throw new TypeError("a Redis address is redis://host:port/db, rediss://host:port/db or the path of a unix socket");
  }
  const db = Number(url.pathname.slice(1));
  if (!Number.isInteger(db)) throw new TypeError(`the path of a Redis address is the number of a database, not ${url.pathname}`);
  return {
    host: url.hostname,
    port: url.port === "" ? redisPort : Number(url.port),
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    ...(db === 0 ? {} : { db }),
    ...(url.protocol === "rediss:" ? { tls: {} } : {}),
  };
}

/** The address without credentials. */
export function printRedisAddress(address: string): string {
  const connection = parseRedisAddress(address);
  return "path" in connection ? connection.path : `${connection.host}:${connection.port}`;
}
