import type { Environment } from "./engine.ts";
import { registerAuthorizer } from "./libraries/authorizer.ts";
import { registerFormats } from "./libraries/formats.ts";
import { registerLists } from "./libraries/lists.ts";
import { registerNetwork } from "./libraries/network.ts";
import { registerOptionals } from "./libraries/optionals.ts";
import { registerQuantities } from "./libraries/quantities.ts";
import { registerRegex } from "./libraries/regex.ts";
import { registerSemver } from "./libraries/semver.ts";
import { registerStrings } from "./libraries/strings.ts";
import { registerUrls } from "./libraries/urls.ts";

/** Kubernetes' libraries. Adding one = a file in `libraries/`, a line here. @see kubernetes apiserver pkg/cel/library */
const libraries: readonly ((environment: Environment) => void)[] = [
  registerLists, registerRegex, registerUrls, registerQuantities, registerNetwork, registerFormats, registerSemver, registerStrings, registerOptionals, registerAuthorizer,
];

/** Adds every library to an environment. */
export function registerLibraries(environment: Environment): Environment {
  for (const register of libraries) register(environment);
  return environment;
}
