import type { Action } from "./actions/action.ts";
import { bind, bindByName } from "./actions/bind.ts";
import { evict } from "./actions/evict.ts";
import { tokenOfAccount } from "./actions/request-token.ts";

/** Every subresource that does something when it is created; the kinds name them. One without a name is a kind of its own. */
export const actions: readonly Action[] = [bind, bindByName, evict, tokenOfAccount];
