/** A flag that cannot be used; `message` names it and the remedy. */
export class SettingsError extends Error {}
