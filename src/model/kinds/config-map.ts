import type { ConfigMap } from "../generated/core-v1.ts";
import type { Kind } from "../kind.ts";
import { ageColumn, countColumn, nameColumn } from "../columns.ts";
import { checkData, checkFrozenData } from "./_data.ts";

export type { ConfigMap } from "../generated/core-v1.ts";

/** ConfigMap, `v1`. */
export const ConfigMapKind: Kind<ConfigMap> = {
  group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", singular: "configmap", shortNames: ["cm"], categories: [],
  namespaced: true, message: "core/v1.ConfigMap", hasStatus: false,
  columns: [
    nameColumn,
    countColumn("Data", "string", ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
    ageColumn,
  ],
  selectableFields: {},
  validate: (map, old) => [
    ...checkData([["data", map.data ?? {}], ["binaryData", map.binaryData ?? {}]]),
    ...Object.keys(map.data ?? {}).filter((key) => map.binaryData?.[key] !== undefined)
      .map((key) => ({ type: "Invalid", path: `binaryData[${key}]`, value: key, detail: "duplicate of key present in data" }) as const),
    ...(old === undefined ? [] : checkFrozenData(map, old, ["data", "binaryData"])),
  ],
};
