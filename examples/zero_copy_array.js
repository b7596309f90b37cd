// Two processes work on one array of a million numbers, and nothing is copied: both look at the same memory. One may run
// on Node and the other on Deno. Start both, in two terminals and in any order:
//
//   node examples/zero_copy_array.js        deno run -A examples/zero_copy_array.js square
import process from "node:process";
import { Event, SharedArray } from "lockstep";

const runtime = "Deno" in globalThis ? "Deno" : "Node";
const samples = new SharedArray("f64", 1_000_000, { name: "zero-copy-example samples" });
const filled = new Event({ name: "zero-copy-example filled" });
const squared = new Event({ name: "zero-copy-example squared" });
const { view } = samples; // a Float64Array

if (process.argv[2] === "square") {
  await filled.wait();
  for (let i = 0; i < view.length; i++) view[i] *= view[i];
  console.log(`${runtime} has squared ${view.length} numbers`);
  squared.set();
} else {
  for (let i = 0; i < view.length; i++) view[i] = i % 10;
  console.log(`${runtime} has filled in ${view.length} numbers`);
  filled.set();
  await squared.wait();
  console.log("the sum of their squares:", view.reduce((sum, number) => sum + number));
  for (const object of [samples, filled, squared]) object.destroy(); // so that the next run begins anew
}
