import type { Controller } from "../../control/controller.ts";
import type { FlowSchema } from "../../model/generated/flowcontrol-v1.ts";
import { FlowSchemaKind, PriorityLevelConfigurationKind } from "../../model/kinds/flowcontrol.ts";
import { refOf } from "../../model/object.ts";
import { decideStatus } from "./decide.ts";

/** Says of every FlowSchema whether its priority level is there. */
export const flowSchemaController: Controller<FlowSchema> = {
  name: "flow-schema",
  kind: FlowSchemaKind,
  reads: [FlowSchemaKind, PriorityLevelConfigurationKind],
  writes: [{ kind: FlowSchemaKind, part: "status" }],
  wakes: [{
    kind: PriorityLevelConfigurationKind,
    keys: ({ metadata }, _previous, reader) => reader.list(FlowSchemaKind).filter(({ spec }) => spec.priorityLevelConfiguration.name === metadata.name).map(refOf),
  }],
  async reconcile(_ref, schema, { reader, writer, world }) {
    if (schema === undefined) return { kind: "done" };
    const level = reader.get(PriorityLevelConfigurationKind, { namespace: "", name: schema.spec.priorityLevelConfiguration.name });
    const status = decideStatus(schema, level !== undefined, world.clock.nowMs());
    if (status !== schema.status) await writer.updateStatus(FlowSchemaKind, { ...schema, status });
    return { kind: "done" };
  },
};
