// Checks the encodings that it reads, and writes its own.
import process from "node:process";
import { text } from "node:stream/consumers";
import { checkSamples, encodeSamples } from "./exchange.ts";

const checked = checkSamples(JSON.parse(await text(process.stdin)));
console.log(JSON.stringify({ checked, encodings: encodeSamples() }));
