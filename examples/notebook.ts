// A tour in cells, as a notebook has them: each line that is printed stands behind "=>", and a test holds it to that.
//
//   node examples/notebook.ts        deno run -A examples/notebook.ts        (Node before 22.18: compile it)
import process from "node:process";
import {
  asCompleted,
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  currentProcess,
  Event,
  Manager,
  Process,
  ProcessPoolExecutor,
  Queue,
  QueueEmptyError,
  QueueFullError,
  Semaphore,
  SemaphoreBoundError,
  type SharedDict,
  type SharedList,
  Thread,
  ThreadPoolExecutor,
  Timer,
  wait,
} from "lockstep";

/** The name of the class of what the promise rejects with. */
async function nameOfError(promise: PromiseLike<unknown>): Promise<string> {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return (error as Error).name;
  }
}

// %% A barrier of three threads, without and with pauses

const barrier = new Barrier(3);
const threads = new ThreadPoolExecutor({ maxWorkers: 3 });

/** Runs in a thread: sent as its source, it sees its arguments and nothing else. Shared objects arrive as themselves. */
async function meet(barrier: Barrier, pause: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, pause));
  return await barrier.wait(); // 0 to 2, each once
}

for (const pauses of [[0, 0, 0], [0, 20, 40]]) {
  const places = await Promise.all(pauses.map((pause) => threads.submit(meet, barrier, pause)));
  console.log("pauses", ...pauses, "- places", ...places.sort());
}
// => pauses 0 0 0 - places 0 1 2
// => pauses 0 20 40 - places 0 1 2

// %% Who waits at it: Python's n_waiting

const first = barrier.wait();
const second = barrier.wait();
console.log(barrier.parties, barrier.waiting); // => 3 2
await Promise.all([first, second, barrier.wait()]);
console.log(barrier.parties, barrier.waiting); // => 3 0

// %% Abort, reset, and a wait that takes too long

const waiting = barrier.wait();
barrier.abort();
console.log(await nameOfError(waiting), barrier.broken); // => BrokenBarrierError true
barrier.reset();
console.log(barrier.broken); // => false

try {
  await barrier.wait({ timeout: 10 });
} catch (error) {
  console.log(error instanceof BrokenBarrierError, barrier.broken); // => true true
}

// %% A semaphore of 3, one permit of which is taken

const semaphore = new Semaphore(3);
const permit = await semaphore.acquire();
const tries = [1, 2, 3].map(() => semaphore.tryAcquire());
console.log(...tries.map((guard) => guard !== undefined)); // => true true false
for (const guard of [permit, ...tries]) guard?.release();
console.log(semaphore.value); // => 3

// %% Three connections for five workers

const connections = new BoundedSemaphore(3); // bounded: a permit comes back even if its holder dies
const connected = new Semaphore(0);
const enough = new Event();

async function query(connections: BoundedSemaphore, connected: Semaphore, enough: Event): Promise<void> {
  const connection = await connections.acquire();
  connected.release();
  await enough.wait();
  connection.release();
}

const workers = Array.from({ length: 5 }, () => new Thread(query, { args: [connections, connected, enough] }).start());
for (let i = 0; i < 3; i++) await connected.acquire();
console.log("free:", connections.value, "- a fourth one:", connected.tryAcquire()); // => free: 0 - a fourth one: undefined
enough.set();
await Promise.all(workers.map((worker) => worker.join()));
console.log("free:", connections.value); // => free: 3

try {
  connections.release();
} catch (error) {
  console.log(error instanceof SemaphoreBoundError); // => true
}

// %% Producer and consumer, with an event and a queue

const items = new Queue<number>();
const finished = new Event();

async function produce(items: Queue<number>, finished: Event): Promise<void> {
  for (let i = 1; i <= 3; i++) await items.put(i * i);
  finished.set();
}

const producer = new Thread(produce, { args: [items, finished], name: "producer" }).start();
while (!(finished.isSet && items.empty)) {
  try {
    console.log("consumed", await items.get({ timeout: 50 }));
  } catch (error) {
    if (!(error instanceof QueueEmptyError)) throw error; // nothing there yet
  }
}
// => consumed 1
// => consumed 4
// => consumed 9
await producer.join();
console.log(producer.name, producer.alive, producer.exitCode); // => producer false 0

// %% A queue that holds five

const five = new Queue<number>({ maxSize: 5 });
for (let i = 0; i < 5; i++) await five.put(i);
console.log(five.size, five.full, five.tryPut(5)); // => 5 true false
console.log(await nameOfError(five.put(5, { timeout: 0 }))); // => QueueFullError
console.log(await nameOfError(five.put(5, { timeout: 10 }))); // => QueueFullError
try {
  five.putSync(5, { timeout: 10 }); // blocks the thread
} catch (error) {
  console.log(error instanceof QueueFullError); // => true
}

console.log(...five.drain()); // => 0 1 2 3 4
console.log(five.size, five.empty, five.tryGet()); // => 0 true undefined
console.log(await nameOfError(five.get({ timeout: 0 }))); // => QueueEmptyError
console.log(await nameOfError(five.get({ timeout: 10 }))); // => QueueEmptyError

// %% Processes: name, number, exit code

const greeter = new Process((name: string) => console.log(`hello ${name}`), { args: ["bob"], name: "greeter" });
console.log(greeter.name, greeter.alive, greeter.exitCode); // => greeter false null
greeter.start();
console.log(greeter.pid !== process.pid, currentProcess().name); // => true MainProcess
await greeter.join(); // => hello bob
console.log(greeter.alive, greeter.exitCode); // => false 0

const three = new Process(() => process.exit(3)).start(); // process is a global
await three.join();
console.log(three.exitCode); // => 3

// %% A process that is terminated gives back what it held

const held = new Event();
const never = new Event(); // nobody sets it

async function hold(connections: BoundedSemaphore, held: Event, never: Event): Promise<void> {
  await connections.acquire();
  held.set();
  await never.wait();
}

const holder = new Process(hold, { args: [connections, held, never] }).start();
await held.wait();
console.log("free:", connections.value, "- alive:", holder.alive); // => free: 2 - alive: true
holder.terminate();
await holder.join();
console.log("exit code:", holder.exitCode); // => exit code: -15
const all = await connections.acquire({ count: 3, timeout: 10_000 });
console.log("permits:", connections.value); // => permits: 0
all.release();

// %% Manager: a dict and a list

const manager = Manager.open("lockstep-notebook"); // there is no server: who names the segment has what is in it
const dict = manager.dict<string>();
const list = manager.list<number>();
list.extend([0, 1, 2, 3]);

function change(dict: SharedDict<string>, list: SharedList<number>): void {
  dict.set("a", "set in another process");
  dict.set(1, "numbers are keys, too");
  list.reverse();
  list.push(-1);
}

const changer = new Process(change, { args: [dict, list] }).start();
await changer.join();
console.log(dict.size, dict.get("a"), "-", dict.get(1)); // => 2 set in another process - numbers are keys, too
console.log(list.length, list.toArray().join(" ")); // => 5 3 2 1 0 -1

// %% Manager: a namespace

interface Settings {
  f: number;
  bytes: Uint8Array;
}

const ns = manager.namespace<Settings>();
ns.f = 3;
ns.bytes = new Uint8Array([1, 2, 255]);
console.log(ns.f, ns.bytes instanceof Uint8Array, ...ns.bytes); // => 3 true 1 2 255
ns.f += 1;
console.log(ns.f, Object.keys(ns).sort().join(" ")); // => 4 bytes f
manager.segment.unlink();

// %% A thread pool

const future = threads.submit(() => 1 + 1);
console.log(await future.result(), future.done); // => 2 true

const gate = new Event();
const begun = new Event();
const running = threads.submit(
  async (begun: Event, gate: Event) => {
    begun.set();
    await gate.wait();
    return "not cancelled";
  },
  begun,
  gate,
);
await begun.wait();
console.log(running.running, running.cancel(), running.done); // => true false false
gate.set();
console.log(await running.result(), running.cancelled); // => not cancelled false

const failing = threads.submit(() => {
  throw new RangeError("out of range");
});
const failure = await failing.exception();
console.log(failure instanceof RangeError, failing.done, (failure as Error).message); // => true true out of range
console.log(await nameOfError(failing.result())); // => RangeError

// %% A pool of one, where what waits can be cancelled

const single = new ThreadPoolExecutor({ maxWorkers: 1 });
const stop = new Event();
const busy = single.submit((stop: Event) => stop.wait(), stop);
const queued = single.submit(() => "never run");
console.log(queued.cancel(), queued.cancelled, await nameOfError(queued)); // => true true CancelledError
console.log(await nameOfError(busy.result({ timeout: 10 })), busy.done); // => TimeoutError false
stop.set();
await single.shutdown();
console.log(busy.done, await nameOfError(single.shutdown())); // => true no error

// %% A process pool

const processes = new ProcessPoolExecutor({ maxWorkers: 2 });
const squares: number[] = [];
for await (const square of processes.map((x: number) => x * x, [1, 2, 3, 4])) squares.push(square);
console.log(...squares); // => 1 4 9 16

const power = (base: number, exponent: number) => base ** exponent;
const futures = [2, 8, 16].map((exponent) => processes.submit(power, 2, exponent));
const { done, notDone } = await wait(futures, { timeout: 60_000 });
console.log(done.size, notDone.size, ...await Promise.all(futures)); // => 3 0 4 256 65536

const sums: number[] = [];
for await (const completed of asCompleted(futures)) sums.push(await completed);
console.log(...sums.sort((a, b) => a - b)); // => 4 256 65536

await processes.shutdown();
await threads.shutdown();

// %% A timer

const rang = new Event();
const timer = new Timer(20, () => rang.set()).start();
console.log(timer.finished); // => false
console.log(await rang.wait(), timer.finished); // => true true

const cancelled = new Timer(60_000, () => console.log("never printed")).start();
cancelled.cancel();
console.log(cancelled.finished); // => true

// %% A daemon thread: the program ends without it

const alive = new Event();
const daemon = new Thread(
  async (alive: Event, never: Event) => {
    alive.set();
    await never.wait();
  },
  { args: [alive, never], daemon: true },
).start();
await alive.wait();
console.log(daemon.daemon, daemon.alive); // => true true
