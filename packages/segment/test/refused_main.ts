// Says which error the first anonymous object would meet.
import process from "node:process";
import { privateSegment } from "#src/private_segment.ts";

try {
  privateSegment();
} catch (error) {
  process.stdout.write(String(error));
}
