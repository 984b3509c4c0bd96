import type { ControllerContext } from "../../control/controller.ts";
import { EndpointSliceKind } from "../../model/kinds/endpoint-slice.ts";
import { refOf } from "../../model/object.ts";
import { generatedName } from "../generated-name.ts";
import type { SliceDecision } from "./recycle.ts";

/** Makes a decision true: what is new first, so that no endpoint is missing while it moves. */
export async function writeSlices({ create, update, remove }: SliceDecision, { writer, world }: Pick<ControllerContext, "writer" | "world">): Promise<void> {
  for (const slice of create) {
    await writer.create(EndpointSliceKind, { ...slice, metadata: { ...slice.metadata, name: generatedName(slice.metadata.generateName ?? "", world.chance) } });
  }
  for (const slice of update) await writer.update(EndpointSliceKind, slice);
  for (const slice of remove) await writer.remove(EndpointSliceKind, refOf(slice), { preconditions: { uid: slice.metadata.uid ?? "" } });
}
