import { builtins } from "../template/builtins.ts";
import type { GoFunction } from "../template/function.ts";
import { cryptoFunctions } from "./helm/crypto.ts";
import { dateFunctions } from "./helm/dates.ts";
import { encodingFunctions } from "./helm/encodings.ts";
import { listFunctions } from "./helm/lists.ts";
import { mapFunctions } from "./helm/maps.ts";
import { numberFunctions } from "./helm/numbers.ts";
import { outsideFunctions } from "./helm/outside.ts";
import { randomFunctions } from "./helm/random.ts";
import { regexFunctions } from "./helm/regexes.ts";
import { textFunctions } from "./helm/texts.ts";
import { urlFunctions } from "./helm/urls.ts";
import { valueFunctions } from "./helm/values.ts";
import { versionFunctions } from "./helm/versions.ts";

/** Every function of Helm's templates: Go's own, Sprig's but for those that read the environment, and Helm's. Adding one = an entry in its theme's file. */
export const helmFunctions: ReadonlyMap<string, GoFunction> = new Map(
  [
    ...builtins, ...cryptoFunctions, ...dateFunctions, ...encodingFunctions, ...listFunctions, ...mapFunctions, ...numberFunctions,
    ...outsideFunctions, ...randomFunctions, ...regexFunctions, ...textFunctions, ...urlFunctions, ...valueFunctions, ...versionFunctions,
  ].map((entry) => [entry.name, entry]),
);
