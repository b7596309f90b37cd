// Programs of the tests: what happens to a whole process.
import process from "node:process";
import { Future } from "@lockstep/concurrent";

const programs: Record<string, () => unknown> = {
  unhandled() {
    Future.withResolvers().reject(new Error("nobody looks"));
  },

  async handled() {
    const futures = Array.from({ length: 5 }, () => Future.withResolvers());
    const [first, second, third, fourth] = futures.map(({ future }) => future);
    first!.addDoneCallback(() => {});
    try {
      second!.resultSync({ timeout: 0 });
    } catch { /* it is not done yet */ }
    void third!.exception();
    fourth!.result({ timeout: 1 }).catch(() => {});
    for (const { reject } of futures.slice(0, 4)) reject(new Error("somebody looks"));
    futures[4]!.future.cancel();
    await new Promise((resolve) => setTimeout(resolve, 10));
    console.log("end");
  },
};

await programs[process.argv[2]!]!();
