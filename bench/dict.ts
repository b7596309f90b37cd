// What does a shared dict cost beside lmdb, a Map and Python's Manager?
import process from "node:process";
import { SharedDict } from "@lockstep/manager";
import type { Limits } from "./command_server.ts";
import { type Lmdb, openLmdb } from "./dict_peers.ts";
import { type Contestant, type Effort, interleave, loop } from "./micro.ts";
import type { Roles } from "./parties.ts";
import { startPython } from "./python.ts";
import { question } from "./question.ts";
import { type Row, row, type Subject } from "./rows.ts";

const KEYS = 10_000;
const ORDER = 8_192; // a power of two; keys are taken in the same random order by all
const CALLS = 4_096;
const SLOW_CALLS = 64;
const PYTHON_CALLS = 50;
const TEXT = "a string of 24 characters";
const OBJECT = { id: 17, name: "Ada", active: true, address: { city: "London", zip: "N1" } };

interface Against {
  readonly name: string;
  readonly statement?: string;
  readonly batch?: (store: Stores) => () => Promise<number>;
  readonly python?: string;
  readonly calls?: number;
  readonly limit?: number;
}

interface Case {
  readonly name: string;
  readonly value: unknown;
  readonly statement: string;
  readonly against: readonly Against[];
}

/** What the statements work on; `key` is the next one in the order. */
class Stores {
  readonly dict = new SharedDict<unknown>();
  readonly map = new Map<string, unknown>();
  readonly database: Lmdb | undefined;
  readonly keys: string[] = [];
  readonly value: unknown;
  seen: unknown;

  constructor(value: unknown, database: Lmdb | undefined) {
    this.value = value;
    this.database = database;
    let random = 1;
    for (let i = 0; i < ORDER; i++) {
      random = random * 48271 % 0x7fffffff;
      this.keys.push(`key ${random % KEYS}`);
    }
  }

  async fill(): Promise<void> {
    let last: Promise<boolean> | undefined;
    for (let i = 0; i < KEYS; i++) {
      this.dict.set(`key ${i}`, this.value);
      this.map.set(`key ${i}`, typeof this.value === "object" ? JSON.stringify(this.value) : this.value);
      last = this.database?.put(`key ${i}`, this.value);
    }
    await last;
  }
}

const KEY = `subject.keys[i & ${ORDER - 1}]`;
const GET = `subject.seen = subject.dict.get(${KEY});`;
const SET = `subject.dict.set(${KEY}, subject.value);`;
const LMDB_GET = { name: "lmdb get", statement: `subject.seen = subject.database.get(${KEY});` };
const LMDB_PUT = { name: "lmdb put, batched", batch: batchedPuts };
const PUT_SYNC = {
  name: "lmdb putSync",
  statement: `subject.database.putSync(${KEY}, subject.value);`,
  calls: SLOW_CALLS,
};

function primitive(name: string, value: unknown): Case[] {
  return [
    {
      name: `get of ${name}`,
      value,
      statement: GET,
      against: [
        { ...LMDB_GET, limit: 1 / 3 },
        { name: "Map", statement: `subject.seen = subject.map.get(${KEY});`, limit: 8 },
        { name: "Python Manager", python: "manager_get", limit: 1 / 300 },
      ],
    },
    {
      name: `set of ${name}`,
      value,
      statement: SET,
      against: [
        { ...LMDB_PUT, limit: 1 / 3 },
        { ...PUT_SYNC, limit: 1 / 20 },
        { name: "Python Manager", python: "manager_set" },
      ],
    },
  ];
}

const CASES: readonly Case[] = [
  ...primitive("a number", 1.5),
  ...primitive("a string", TEXT),
  {
    name: "get of an object",
    value: OBJECT,
    statement: GET,
    against: [
      { ...LMDB_GET, limit: 1 },
      { name: "JSON in a Map", statement: `subject.seen = JSON.parse(subject.map.get(${KEY}));`, limit: 1 },
    ],
  },
  {
    name: "set of an object",
    value: OBJECT,
    statement: SET,
    against: [
      { ...LMDB_PUT, limit: 1 },
      { name: "JSON in a Map", statement: `subject.map.set(${KEY}, JSON.stringify(subject.value));`, limit: 1 },
    ],
  },
  {
    name: "increment",
    value: 0,
    statement: `subject.dict.increment(${KEY});`,
    against: [{
      name: "lmdb transaction",
      statement:
        `subject.database.transactionSync(() => subject.database.put(${KEY}, subject.database.get(${KEY}) + 1));`,
      calls: SLOW_CALLS,
      limit: 1 / 50,
    }],
  },
];

function batchedPuts(stores: Stores): () => Promise<number> {
  return async () => {
    const { database, keys, value } = stores;
    const start = performance.now();
    let last: Promise<boolean> | undefined;
    for (let i = 0; i < CALLS; i++) last = database?.put(keys[i & (ORDER - 1)]!, value);
    await last;
    return performance.now() - start;
  };
}

function contestantOf(against: Against, stores: Stores, python: Limits): Contestant {
  const { name, calls = CALLS, statement, batch } = against;
  if (statement !== undefined) return loop(name, calls, statement, stores);
  if (batch !== undefined) return { name, calls: CALLS, batch: batch(stores) };
  const measure = async () => (await python.measure(`${against.python} ${PYTHON_CALLS}`) ?? NaN) * PYTHON_CALLS / 1e6;
  return { name, calls: PYTHON_CALLS, batch: measure };
}

/** Where lmdb or Python is missing, the rows that need them say so. */
interface Stage {
  readonly database: Lmdb | undefined;
  readonly noDatabase: string | undefined;
  readonly python: Limits;
}

async function measure(item: Case, stage: Stage, effort: Effort): Promise<Row[]> {
  const stores = new Stores(item.value, stage.database);
  await stores.fill();
  const here = item.against.filter(({ name }) => stage.database !== undefined || !name.startsWith("lmdb"));
  const [ours = [], ...theirs] = await interleave([
    loop("ours", CALLS, item.statement, stores),
    ...here.map((against) => contestantOf(against, stores, stage.python)),
  ], effort);
  stores.dict[Symbol.dispose]();
  return item.against.map((against) => {
    const rounds = theirs[here.indexOf(against)]?.filter((figure) => !Number.isNaN(figure));
    const target = against.limit === undefined ? undefined : { of: "ratio", limit: against.limit } as const;
    const subject: Subject = { name: item.name, unit: "ns", better: "lower", target };
    const reason = against.python === undefined ? stage.noDatabase : stage.python.reason;
    return row(subject, ours, { name: against.name, rounds, reason });
  });
}

export const roles: Roles = {
  run: question(async ({ quick }) => {
    const opened = process.versions["deno"] === undefined ? openLmdb() : "lmdb is measured on Node only";
    const python = await startPython();
    const database = typeof opened === "string" ? undefined : opened.database;
    const stage: Stage = { database, noDatabase: typeof opened === "string" ? opened : undefined, python };
    const rows: Row[] = [];
    const effort = quick ? { warmUps: 8, rounds: 2 } : { warmUps: 30, rounds: 9 };
    for (const item of CASES) rows.push(...await measure(item, stage, effort));
    if (typeof opened !== "string") opened.end();
    return rows;
  }),
};
