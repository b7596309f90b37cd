import { doesNotThrow, equal, match, ok, strictEqual, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { checkFunction, checkInteger, checkName, checkSignal, checkTimeout, show } from "@lockstep/contract";
import fc from "fast-check";

const WHERE = "acquire Semaphore";
const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSparseArray: true });

describe("checkTimeout", () => {
  it("takes no options, and no timeout, for ever", () => {
    equal(checkTimeout(undefined, WHERE), Infinity);
    equal(checkTimeout({}, WHERE), Infinity);
    equal(checkTimeout({ timeout: undefined }, WHERE), Infinity);
  });

  it("takes every number from 0 to Infinity", () => {
    fc.assert(fc.property(fc.double({ min: 0, noNaN: true }), (timeout) => {
      strictEqual(checkTimeout({ timeout }, WHERE), timeout);
    }));
  });

  it("refuses other numbers with a RangeError that says action, rule and value", () => {
    const wrong = fc.oneof(fc.double({ max: -Number.MIN_VALUE, noNaN: true }), fc.constant(NaN));
    fc.assert(fc.property(wrong, (timeout) => {
      throws(() => checkTimeout({ timeout }, WHERE), {
        name: "RangeError",
        message: "Cannot acquire Semaphore: options.timeout must be a number of milliseconds >= 0 or Infinity, " +
          `got ${timeout}`,
      });
    }));
  });

  it("refuses everything else with a TypeError", () => {
    fc.assert(fc.property(anything.filter((value) => typeof value !== "number" && value !== undefined), (value) => {
      throws(() => checkTimeout({ timeout: value as number }, WHERE), {
        name: "TypeError",
        message: /^Cannot acquire/,
      });
    }));
  });

  it("refuses options that are no object", () => {
    for (const options of [null, 5, "5", true, Symbol("s"), () => {}]) {
      throws(() => checkTimeout(options as object, WHERE), { name: "TypeError", message: /options must be an object/ });
    }
  });
});

describe("checkSignal", () => {
  it("takes an AbortSignal or none", () => {
    const { signal } = new AbortController();
    equal(checkSignal({ signal }, WHERE), signal);
    equal(checkSignal({}, WHERE), undefined);
    equal(checkSignal(undefined, WHERE), undefined);
  });

  it("refuses everything else with a TypeError", () => {
    fc.assert(fc.property(anything.filter((value) => value !== undefined), (value) => {
      throws(() => checkSignal({ signal: value as AbortSignal }, WHERE), { name: "TypeError" });
    }));
  });
});

describe("checkInteger", () => {
  const rule = { name: "count", min: 1, max: 2 ** 30 };

  it("takes the integers of the rule and nothing else", () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 1, 2 ** 30, 2 ** 30 + 1, 2 ** 31, 2 ** 53));
    fc.assert(fc.property(number, (value) => {
      const check = (): number => checkInteger(value, rule, "release Semaphore");
      if (Number.isInteger(value) && value >= 1 && value <= 2 ** 30) equal(check(), value);
      else throws(check, { name: "RangeError", message: /count must be an integer from 1 to 1073741824, got / });
    }));
  });

  it("refuses other types with a TypeError", () => {
    fc.assert(fc.property(anything.filter((value) => typeof value !== "number"), (value) => {
      throws(() => checkInteger(value, rule, WHERE), { name: "TypeError" });
    }));
  });
});

describe("checkName", () => {
  it("takes what UTF-8 can hold in 1 to 255 bytes without NUL", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
      const bytes = Buffer.byteLength(name);
      const fits = bytes >= 1 && bytes <= 255 && !name.includes("\0");
      if (fits) equal(checkName(name, WHERE), name);
      else throws(() => checkName(name, WHERE), { name: "RangeError" });
    }));
    equal(checkName("n".repeat(255), WHERE).length, 255);
    equal(checkName("é".repeat(127), WHERE).length, 127);
  });

  it("refuses lone surrogates", () => {
    for (const name of ["\ud800", "a\udfff", "\udc00\ud800"]) {
      throws(() => checkName(name, WHERE), { name: "RangeError" });
    }
  });

  it("refuses what is no string with a TypeError", () => {
    fc.assert(fc.property(anything.filter((value) => typeof value !== "string"), (value) => {
      throws(() => checkName(value, WHERE), { name: "TypeError" });
    }));
  });
});

describe("checkFunction", () => {
  it("takes functions and classes", () => {
    const fn = (): void => {};
    equal(checkFunction(fn, "predicate", WHERE), fn);
    doesNotThrow(() => checkFunction(Map, "predicate", WHERE));
  });

  it("refuses everything else with a TypeError", () => {
    fc.assert(fc.property(anything, (value) => {
      throws(() => checkFunction(value, "predicate", WHERE), {
        name: "TypeError",
        message: /predicate must be a func/,
      });
    }));
  });
});

describe("show", () => {
  it("gives short text for anything", () => {
    fc.assert(fc.property(fc.oneof(anything, fc.string({ maxLength: 500 }), fc.bigInt()), (value) => {
      ok(show(value).length <= 64);
    }));
  });

  it("runs no code of the value's", () => {
    const fail = (): never => {
      throw new Error("it did");
    };
    const hostile = {
      toString: fail,
      valueOf: fail,
      toJSON: fail,
      [Symbol.toPrimitive]: fail,
      [Symbol.for("x")]: fail,
    };
    equal(show(hostile), "an object");
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    equal(show(proxy), "an object");
    equal(show(fail), "a function");
  });

  it("tells values apart", () => {
    equal(show(-0), "-0");
    equal(show(10n), "10n");
    equal(show("5"), '"5"');
    equal(show(null), "null");
    equal(show(undefined), "undefined");
    match(show(Symbol("mark")), /mark/);
  });
});
