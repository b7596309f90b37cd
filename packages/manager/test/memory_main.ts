// Multiplies the elements of an array that it finds in a dict by ten.
import process from "node:process";
import { Manager } from "@lockstep/manager";
import type { SharedArray } from "@lockstep/memory";

const [, , segment = ""] = process.argv;
const { view } = Manager.open(segment).dict("objects").get("array") as SharedArray<"i32">;
view.forEach((element, index) => view[index] = element * 10);
