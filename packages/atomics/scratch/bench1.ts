import { Lock } from "../src/lock.ts";
import { BoundedSemaphore, Semaphore } from "../src/semaphore.ts";
const N = 200000;
function med(a: number[]) {
  a.sort((x, y) => x - y);
  return a[a.length >> 1]!;
}
const cases: Record<string, (n: number) => void> = {};
{
  const l = new Lock();
  cases["Lock guard"] = (n) => {
    for (let i = 0; i < n; i++) {
      const g = l.acquireSync();
      g.release();
    }
  };
}
{
  const l = new Lock();
  cases["Lock explicit"] = (n) => {
    for (let i = 0; i < n; i++) {
      l.acquireSync();
      l.release();
    }
  };
}
{
  const l = new Lock();
  const o = { timeout: 50 };
  cases["Lock timeout"] = (n) => {
    for (let i = 0; i < n; i++) l.acquireSync(o).release();
  };
}
{
  const l = new Semaphore(1);
  cases["Sem guard"] = (n) => {
    for (let i = 0; i < n; i++) l.acquireSync().release();
  };
}
{
  const l = new Semaphore(4);
  cases["Sem explicit"] = (n) => {
    for (let i = 0; i < n; i++) {
      l.acquireSync();
      l.release();
    }
  };
}
{
  const l = new BoundedSemaphore(4);
  cases["Bounded guard"] = (n) => {
    for (let i = 0; i < n; i++) l.acquireSync().release();
  };
}
{
  const w = new Int32Array(new SharedArrayBuffer(64));
  cases["raw cas+cas"] = (n) => {
    for (let i = 0; i < n; i++) {
      Atomics.compareExchange(w, 0, 0, 1);
      Atomics.compareExchange(w, 0, 1, 0);
    }
  };
}
const times: Record<string, number[]> = {};
for (let r = 0; r < 31; r++) {
  for (const k in cases) {
    const t = performance.now();
    cases[k]!(N);
    (times[k] ??= []).push((performance.now() - t) * 1e6 / N);
  }
}
for (const k in times) console.log(k.padEnd(16), med(times[k]!).toFixed(1));
