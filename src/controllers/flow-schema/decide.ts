import { withCondition } from "../../model/conditions.ts";
import type { FlowSchema, FlowSchemaStatus } from "../../model/generated/flowcontrol-v1.ts";
import { quote } from "../../value/quote.ts";

/**
 * The status of a schema: whether its priority level is there. The very same one when nothing changes. Pure.
 *
 * @see kubernetes apiserver pkg/util/flowcontrol/apf_controller.go syncFlowSchema
 */
export function decideStatus({ spec, status }: FlowSchema, isLevelThere: boolean, nowMs: number): FlowSchemaStatus {
  const level = `This FlowSchema references the PriorityLevelConfiguration object named ${quote(spec.priorityLevelConfiguration.name)}`;
  const conditions = withCondition(status.conditions, isLevelThere
    ? { type: "Dangling", status: "False", reason: "Found", message: `${level} and it exists` }
    : { type: "Dangling", status: "True", reason: "NotFound", message: `${level} but there is no such object` }, nowMs);
  return conditions === status.conditions ? status : { ...status, conditions };
}
