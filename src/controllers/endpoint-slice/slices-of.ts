import type { Index, Wake } from "../../control/controller.ts";
import { EndpointSliceKind, serviceNameLabel } from "../../model/kinds/endpoint-slice.ts";
import type { EndpointSlice } from "../../model/kinds/endpoint-slice.ts";
import { keyOf } from "../../model/object.ts";
import type { ApiObject, ObjectRef } from "../../model/object.ts";
import { managedByLabel, managedByUs } from "./decide.ts";

/** How a controller finds the slices one keeper has made, and hears of them. */
export interface SlicesOfKeeper {
  /** By `namespace/name` of the Service they are of. */
  readonly index: Index<EndpointSlice>;
  /** Wakes the Service of a slice, the one of before too when it is moved to another. */
  readonly wake: Wake;
}

/** @param keeper the value of `managedByLabel` on its slices: those of others are not looked at */
export function slicesOf(keeper: string): SlicesOfKeeper {
  const servicesOf = ({ metadata: { namespace = "", labels } }: ApiObject): readonly ObjectRef[] => {
    const name = labels?.[serviceNameLabel] ?? "";
    return labels?.[managedByLabel] !== keeper || name === "" ? [] : [{ namespace, name }];
  };
  return {
    index: { name: `slices-of-${keeper}`, kind: EndpointSliceKind, values: (slice) => servicesOf(slice).map(keyOf) },
    wake: { kind: EndpointSliceKind, keys: (slice, previous) => [slice, ...(previous === undefined ? [] : [previous])].flatMap(servicesOf) },
  };
}

/** The slices of pods. Others than their keeper read them, too: one index serves all. */
export const slicesOfPods = slicesOf(managedByUs);
