// Methods and accessors taken from a class and called on what is no object of it.

/** A method or accessor, as a function of its receiver. */
export interface Member {
  title: string;
  /** Where it is defined. */
  prototype: object;
  call(receiver: unknown): unknown;
}

/** Everything a class defines for its objects; its constructor is called without `new`. */
export function membersOf(subject: object): Member[] {
  const prototype: object = Object.getPrototypeOf(subject);
  if (prototype === Object.prototype) return [];
  const own = entriesOf(prototype).flatMap(([key, { value, get, set }]) => {
    const title = `${prototype.constructor.name}.prototype.${String(key)}`;
    return [value, get, set].filter((member) => typeof member === "function")
      .map((member): Member => ({ title, prototype, call: (receiver) => Reflect.apply(member, receiver, []) }));
  });
  return [...own, ...membersOf(prototype)];
}

function entriesOf(prototype: object): [string | symbol, PropertyDescriptor][] {
  return Reflect.ownKeys(prototype).map((key) => [key, Object.getOwnPropertyDescriptor(prototype, key)!]);
}

/** What is no object of the subject's class, however much it looks like one. */
export function impostorsOf(subject: object, other: object): [title: string, receiver: unknown][] {
  return [
    ["undefined", undefined],
    ["null", null],
    ["5", 5],
    ["a string", "lock"],
    ["{}", {}],
    ["its prototype", Object.getPrototypeOf(subject)],
    ["an object with its prototype", Object.create(Object.getPrototypeOf(subject))],
    ["an object of another class", other],
  ];
}
