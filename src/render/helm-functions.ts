import { builtins } from "./template/builtins.ts";
import type { GoFunction } from "./template/function.ts";
import { cryptoFunctions } from "./helm-functions/crypto.ts";
import { dateFunctions } from "./helm-functions/dates.ts";
import { encodingFunctions } from "./helm-functions/encodings.ts";
import { listFunctions } from "./helm-functions/lists.ts";
import { mapFunctions } from "./helm-functions/maps.ts";
import { numberFunctions } from "./helm-functions/numbers.ts";
import { outsideFunctions } from "./helm-functions/outside.ts";
import { randomFunctions } from "./helm-functions/random.ts";
import { regexFunctions } from "./helm-functions/regexes.ts";
import { textFunctions } from "./helm-functions/texts.ts";
import { urlFunctions } from "./helm-functions/urls.ts";
import { valueFunctions } from "./helm-functions/values.ts";
import { versionFunctions } from "./helm-functions/versions.ts";

/** Every function of Helm's templates: Go's own, Sprig's but for those that read the environment, and Helm's. Adding one = an entry in its theme's file. */
export const helmFunctions: ReadonlyMap<string, GoFunction> = new Map(
  [
    ...builtins, ...cryptoFunctions, ...dateFunctions, ...encodingFunctions, ...listFunctions, ...mapFunctions, ...numberFunctions,
    ...outsideFunctions, ...randomFunctions, ...regexFunctions, ...textFunctions, ...urlFunctions, ...valueFunctions, ...versionFunctions,
  ].map((entry) => [entry.name, entry]),
);
