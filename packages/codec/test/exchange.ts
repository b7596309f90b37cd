// What two runtimes tell each other: the samples that each has, encoded.
import { Buffer } from "node:buffer";
import { Codec } from "@lockstep/codec";
import { assertSame } from "./sameness.ts";
import { MORE_SAMPLES, SAMPLES } from "./samples.ts";

const samples = { ...SAMPLES, ...MORE_SAMPLES };
const codec = new Codec();

/** Name of each sample, and its bytes in base64. */
export type Encodings = Record<string, string>;

export function encodeSamples(): Encodings {
  const encoded = (make: () => unknown): string => Buffer.from(codec.encode(make())).toString("base64");
  return Object.fromEntries(Object.entries(samples).map(([name, make]) => [name, encoded(make)]));
}

/** Compares what the other runtime encoded with what this one makes itself. Gives how many samples both have. */
export function checkSamples(encodings: Encodings): number {
  const common = Object.entries(encodings).filter(([name]) => samples[name] !== undefined);
  for (const [name, base64] of common) {
    const own = codec.decode(codec.encode(samples[name]?.()));
    assertSame(codec.decode(Buffer.from(base64, "base64")), own);
  }
  return common.length;
}
