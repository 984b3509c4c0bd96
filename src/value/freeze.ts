/** Freezes a JSON value and all it holds, and answers it. Branches that are frozen already are taken to be frozen wholly. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
