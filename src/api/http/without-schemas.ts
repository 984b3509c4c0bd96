/**
 * For both HTTP servers. Their routes describe no bodies to Fastify: the API's own model does. Fastify would load two compilers of JSON schemas
 * all the same, some megabytes of the daemon; it does not when it is given others.
 */
export const withoutSchemas = { compilersFactory: { buildValidator: refuseSchemas, buildSerializer: refuseSchemas } } as const;

function refuseSchemas(): () => never {
  return () => { throw new Error("a route has a JSON schema; the servers are opened without Fastify's schema compilers (src/api/http/without-schemas.ts)"); };
}
