import { pullPolicyOf } from "../defaults/pod.ts";
import { anyText } from "../free-texts.ts";
import type { FreeTexts } from "../free-texts.ts";

/** Of an image only the name counts that is none, and the tag that decides how it is pulled. */
const containerTexts: FreeTexts = {
  image: (image) => (image === "" || image.trim() !== image ? "wrong" : pullPolicyOf(image)),
  command: anyText, args: anyText,
  // An empty value goes together with a source, another does not.
  // One that speaks of another variable may hide it.
  env: { value: (value) => (value === "" ? "none" : value.includes("$(") ? `as ${value}` : "some") },
};

/**
 * Texts of a new pod that no check, no default and no admission of the API's own looks at beyond their class, and that no field's owner is named by. Who adds
 * a rule that reads one has to take it out of here.
 */
export const podTexts: FreeTexts = { spec: { containers: containerTexts, initContainers: containerTexts } };
