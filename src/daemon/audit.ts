import { readFile } from "node:fs/promises";
import { AuditPolicyError, parseAuditPolicy } from "../api/audit/policy.ts";
import type { AuditPolicy } from "../api/audit/policy.ts";
import { Auditor } from "../api/audit/trail.ts";
import { parseYaml, YamlError } from "../value/yaml.ts";
import { openRotatingFile } from "../world/real/rotating-file.ts";
import type { World } from "../world/world.ts";
import type { Closing } from "./closing.ts";
import { SettingsError } from "./settings-error.ts";
import type { Settings } from "./settings.ts";

/** The audit log is put aside at this size, and so many old ones are kept: at most 600 MB in all. */
const auditBytesMax = 100 * 1024 * 1024;
const oldAuditFilesMax = 5;

/** Opens the audit log the settings ask for; undefined when they ask for none. Throws SettingsError for a policy that cannot be used. */
export async function openAuditor({ audit }: Settings, world: World, closing: Closing): Promise<Auditor | undefined> {
  if (audit === undefined) return undefined;
  const file = openRotatingFile(audit.logFile, {
    sizeMaxBytes: auditBytesMax, oldFilesMax: oldAuditFilesMax, onFailure: (error) => { world.log.error("the audit log cannot be written", { file: audit.logFile, error }); },
  });
  closing.add("audit log", () => { file.flush(); });
  return new Auditor(await readPolicy(audit.policyFile), file.append, world);
}

async function readPolicy(path: string): Promise<AuditPolicy> {
  try {
    return parseAuditPolicy(parseYaml(await readFile(path, "utf8"), path));
  } catch (error) {
    if (error instanceof AuditPolicyError || error instanceof YamlError) throw new SettingsError(`--audit-policy ${path}: ${error.message}`, { cause: error });
    throw new SettingsError(`--audit-policy ${path} cannot be read`, { cause: error });
  }
}
