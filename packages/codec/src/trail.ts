/**
 * One step from a container to what is in it: the key of a property, the index of an element, or below zero a place in
 * a Map or Set, made by `placeOfKey` and `placeOfValue`.
 */
export type Step = string | number;

/** The step to the key of the entry with this index. */
export function placeOfKey(index: number): Step {
  return -1 - 2 * index;
}

/** The step to the value of the entry with this index. */
export function placeOfValue(index: number): Step {
  return -2 - 2 * index;
}

/** The steps as a reader of JavaScript would write them: `$.a[3].b`, `$.users.keys()[0]`. */
export function pathOf(steps: readonly Step[]): string {
  return `$${steps.map(written).join("")}`;
}

function written(step: Step): string {
  if (typeof step === "string") return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : quoted(step);
  if (step >= 0) return `[${step}]`;
  const place = -1 - step;
  return `.${place % 2 === 0 ? "keys" : "values"}()[${Math.floor(place / 2)}]`;
}

function quoted(key: string): string {
  return /^(?:0|[1-9]\d{0,9})$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`;
}
