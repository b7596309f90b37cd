// What does a shared list cost beside an Array, with JSON where the elements are objects, and Python's Manager?
import { SharedList } from "@lockstep/manager";
import type { Limits } from "./command_server.ts";
import { type Contestant, type Effort, interleave, loop } from "./micro.ts";
import type { Roles } from "./parties.ts";
import { startPython } from "./python.ts";
import { question } from "./question.ts";
import { type Row, row } from "./rows.ts";

const ELEMENTS = 10_000;
const ORDER = 8_192; // a power of two; positions are taken in the same random order by all
const CALLS = 4_096;
const PYTHON_CALLS = 50;
const OBJECT = { id: 17, name: "Ada", active: true, address: { city: "London", zip: "N1" } };

interface Case {
  readonly name: string;
  readonly value: unknown;
  /** Of the list. */
  readonly statement: string;
  /** The same of an Array. */
  readonly plain: string;
  /** The same of Python's list of numbers. */
  readonly python?: string;
}

/** What the statements work on. */
class Lists {
  readonly list = new SharedList<unknown>();
  readonly array: unknown[];
  readonly positions: number[] = [];
  readonly value: unknown;
  seen: unknown;

  constructor(value: unknown) {
    this.value = value;
    this.array = new Array<unknown>(ELEMENTS).fill(typeof value === "object" ? JSON.stringify(value) : value);
    this.list.extend(new Array<unknown>(ELEMENTS).fill(value));
    let random = 1;
    for (let i = 0; i < ORDER; i++) {
      random = random * 48271 % 0x7fffffff;
      this.positions.push(random % ELEMENTS);
    }
  }
}

const AT = `subject.positions[i & ${ORDER - 1}]`;
const MIDDLE = ELEMENTS / 2;

const CASES: readonly Case[] = [
  {
    name: "push and shift of a number",
    value: 1.5,
    statement: "subject.list.push(subject.value); subject.seen = subject.list.shift();",
    plain: "subject.array.push(subject.value); subject.seen = subject.array.shift();",
    python: "list_ends",
  },
  {
    name: "push and shift of an object",
    value: OBJECT,
    statement: "subject.list.push(subject.value); subject.seen = subject.list.shift();",
    plain: "subject.array.push(JSON.stringify(subject.value)); subject.seen = JSON.parse(subject.array.shift());",
  },
  {
    name: "at() of a number",
    value: 1.5,
    statement: `subject.seen = subject.list.at(${AT});`,
    plain: `subject.seen = subject.array.at(${AT});`,
    python: "list_at",
  },
  {
    name: "at() of an object",
    value: OBJECT,
    statement: `subject.seen = subject.list.at(${AT});`,
    plain: `subject.seen = JSON.parse(subject.array.at(${AT}));`,
  },
  {
    name: "insert in the middle, and remove",
    value: 1.5,
    statement: `subject.list.insert(${MIDDLE}, subject.value); subject.list.splice(${MIDDLE}, 1);`,
    plain: `subject.array.splice(${MIDDLE}, 0, subject.value); subject.array.splice(${MIDDLE}, 1);`,
    python: "list_middle",
  },
];

async function measure(item: Case, python: Limits, effort: Effort): Promise<Row[]> {
  const lists = new Lists(item.value);
  const contestants: Contestant[] = [
    loop("ours", CALLS, item.statement, lists),
    loop("Array", CALLS, item.plain, lists),
  ];
  if (item.python !== undefined) {
    const batch = async () => (await python.measure(`${item.python} ${PYTHON_CALLS}`) ?? NaN) * PYTHON_CALLS / 1e6;
    contestants.push({ name: "Python Manager", calls: PYTHON_CALLS, batch });
  }
  const [ours = [], ...theirs] = await interleave(contestants, effort);
  lists.list[Symbol.dispose]();
  return theirs.map((figures, index) => {
    const name = index === 0 ? typeof item.value === "object" ? "JSON in an Array" : "Array" : "Python Manager";
    const rounds = figures.filter((figure) => !Number.isNaN(figure));
    const target = index === 0 ? undefined : { of: "ratio", limit: 1 / 30 } as const;
    const reason = index === 0 ? undefined : python.reason;
    return row({ name: item.name, unit: "ns", better: "lower", target }, ours, { name, rounds, reason });
  });
}

export const roles: Roles = {
  run: question(async ({ quick }) => {
    const python = await startPython();
    const effort = quick ? { warmUps: 8, rounds: 2 } : { warmUps: 30, rounds: 9 };
    const rows: Row[] = [];
    for (const item of CASES) rows.push(...await measure(item, python, effort));
    return rows;
  }),
};
