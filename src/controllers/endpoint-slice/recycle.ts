import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";

/** What is to become of some slices. */
export interface SliceDecision {
  /** Without names: they are generated. */
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** A decision whose spare slices may still be of use. */
export interface SparingDecision extends Pick<SliceDecision, "create" | "update"> {
  readonly spare: readonly EndpointSlice[];
}

/**
 * A slice that would go takes what a new one of its family would hold: followers see one change, not two. Pure.
 *
 * @param fill the spare slice with the content of the wanted one
 */
export function recycle({ create, update, spare }: SparingDecision, fill: (slice: EndpointSlice, wanted: EndpointSlice) => EndpointSlice): SliceDecision {
  const free = [...spare];
  const made: EndpointSlice[] = [];
  const recycled: EndpointSlice[] = [];
  for (const wanted of create) {
    const at = free.findIndex(({ addressType }) => addressType === wanted.addressType);
    const [taken] = at < 0 ? [] : free.splice(at, 1);
    if (taken === undefined) made.push(wanted);
    else recycled.push(fill(taken, wanted));
  }
  return { create: made, update: [...update, ...recycled], remove: free };
}
