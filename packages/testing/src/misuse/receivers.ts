// Methods and accessors taken from a class and called on what is no object of it.

/** Everything a class defines for its objects, as functions of a receiver. */
export function membersOf(subject: object): [title: string, call: (receiver: unknown) => unknown][] {
  const members: [string, (receiver: unknown) => unknown][] = [];
  for (let prototype = subject; (prototype = Object.getPrototypeOf(prototype)) !== Object.prototype;) {
    for (const [key, property] of entriesOf(prototype)) {
      const title = `${prototype.constructor.name}.prototype.${String(key)}`;
      if (key === "constructor") {
        members.push([`${title}()`, () => Reflect.apply(prototype.constructor, undefined, [])]);
      } else {for (const member of [property.value, property.get, property.set]) {
          if (typeof member === "function") members.push([title, (receiver) => Reflect.apply(member, receiver, [])]);
        }}
    }
  }
  return members;
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
    ["a proxy of it", new Proxy(subject, {})],
    ["an object of another class", other],
  ];
}
