// Opens a segment and lists what there is, or says why not.
import process from "node:process";
import { Segment } from "@lockstep/segment";

try {
  Segment.open("elsewhere");
  process.stdout.write(JSON.stringify(Segment.list().map(({ name }) => name)));
} catch (error) {
  process.stdout.write(String(error));
}
