import { invalidError } from "../../model/print-field-error.ts";
import type { ApiContext } from "../context.ts";
import { demandAccess } from "../context.ts";
import { bytesOfObject } from "../encode.ts";
import { verbUnsupported } from "../errors.ts";
import { reviews } from "../reviews.ts";
import { completeObject, decodeBody } from "../rules.ts";
import { jsonOf, metadataOf, objectOf, textOf, withMetadata } from "../shape.ts";
import type { Caller, StoredObject, WriteAnswer, WriteRequest } from "../verbs.ts";
import { checkBody } from "./create.ts";
import type { CreateTarget } from "./create.ts";

/** Answers what a client asks by creating one of a kind that is not stored. */
export async function review(context: ApiContext, caller: Caller, target: CreateTarget, request: WriteRequest = {}): Promise<WriteAnswer> {
  const { kind, namespace } = target;
  demandAccess(context, caller, { verb: "create", kind, namespace });
  const found = reviews.find((one) => one.kind === kind);
  if (found === undefined) throw verbUnsupported(kind, "create");
  const { body, warnings } = decodeBody(kind, checkBody(kind, target), request);
  const placed = kind.namespaced ? withMetadata(body, { namespace }) : { ...body, metadata: metadataOf(body) };
  const question = objectOf(completeObject(kind, placed, undefined));
  const errors = kind.validate?.(question, undefined) ?? [];
  if (errors.length > 0) throw invalidError(kind, textOf(metadataOf(jsonOf(question)), "name"), errors);
  const answer = await found.answer(question, { user: caller.user, namespace, authorizer: context.authorizer, reviewToken: context.reviewToken });
  const stored: StoredObject = { namespace, name: "", revision: 0, bytes: () => bytesOfObject(jsonOf(answer)), object: () => answer };
  return { stored, isCreated: true, warnings };
}
