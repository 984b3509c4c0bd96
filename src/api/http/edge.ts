import type { Kind } from "../../model/kind.ts";
import type { World } from "../../world/world.ts";
import type { Aggregation } from "../aggregation/aggregation.ts";
import type { AccountTokens } from "../access/account-tokens.ts";
import type { Auditor } from "../audit/trail.ts";
import type { NodeConnections } from "../nodes.ts";
import type { Authorizer, Verbs } from "../verbs.ts";
import type { Family } from "../metrics/families.ts";
import type { RequestMetrics } from "../metrics/request-metrics.ts";
import type { View } from "../views.ts";
import type { OpenApiV2Answers } from "./openapi-v2-answer.ts";
import type { OpenApiDocuments } from "./openapi.ts";
import type { KnownBodies } from "./request-body.ts";

/** What the HTTP edge works with; made once by `serveApi`. */
export interface Edge {
  readonly verbs: Verbs;
  readonly kinds: readonly Kind[];
  readonly authorizer: Authorizer;
  readonly nodes: NodeConnections;
  /** Derived answers beside objects. */
  readonly views: readonly View[];
  readonly world: World;
  /** What other servers answer for; absent: nothing is. */
  readonly aggregation?: Aggregation;
  /** Whose keys and issuer are told; absent: ServiceAccounts have no tokens. */
  readonly accountTokens?: AccountTokens;
  readonly metrics: RequestMetrics;
  /** Numbers beside those of requests. */
  readonly families: readonly Family[];
  /** Tells of requests; absent: nothing is told. */
  readonly auditor?: Auditor;
  readonly openApi: OpenApiDocuments;
  readonly openApiV2: OpenApiV2Answers;
  /** What the bodies of new objects have in common; absent: nothing is looked for. */
  readonly bodies?: KnownBodies;
  /** Named checks behind /readyz, and for the vital ones /livez and /healthz. */
  readonly readiness: () => readonly HealthCheck[];
  /** `HOST:PORT` as clients reach it. */
  readonly address: () => string;
}

/** One thing that must hold before requests are taken. */
export interface HealthCheck {
  readonly name: string;
  readonly isReady: boolean;
  /** Seen by everybody: no detail that helps an attacker. */
  readonly message?: string;
  /** The daemon is of no use without it: /livez and /healthz ask for it, too. */
  readonly isVital?: boolean;
}
