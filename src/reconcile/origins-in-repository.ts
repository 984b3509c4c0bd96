import type { ObjectOrigins, Source } from "../render/origins/origin.ts";
import type { Place } from "../render/render.ts";

/** Origins with their places told from the repository's root. Pure. */
export function originsInRepository(objects: readonly ObjectOrigins[], inRepository: (place: Place) => Place): readonly ObjectOrigins[] {
  const source = (given: Source): Source => ({ ...given, layer: inRepository({ file: given.layer }).file, ...(given.place === undefined ? {} : { place: inRepository(given.place) }) });
  return objects.map((object) => ({
    ...object,
    origins: object.origins.map((origin) => ({
      ...origin, inputs: origin.inputs.map(source), conditions: origin.conditions.map(source),
      pieces: origin.pieces.map(({ place, through }) => ({ place: inRepository(place), through: through.map(inRepository) })),
    })),
  }));
}
